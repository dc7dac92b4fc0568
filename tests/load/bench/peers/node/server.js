// A quiz on Socket.IO for Node.js, as its documentation shows how to write one: nothing is tuned.
"use strict";

const { readFileSync } = require("node:fs");
const { createServer } = require("node:http");
const { join } = require("node:path");
const { Server } = require("socket.io");

const QUESTION = JSON.parse(readFileSync(join(__dirname, "..", "..", "question.json"), "utf8"));
const ROOM = QUESTION.room;
const PORT = Number(process.argv[process.argv.indexOf("--port") + 1]);

const server = createServer();
const io = new Server(server);
const nicknames = new Map();
const responses = new Map();

io.on("connection", (socket) => {
  socket.on("join", (data, acknowledge) => {
    nicknames.set(socket.id, data.nickname);
    socket.join(ROOM);
    acknowledge({ ok: true });
  });

  socket.on("player:answer", (data, acknowledge) => {
    responses.set(socket.id, { ...data, arrived_at: Date.now() });
    socket.emit("you", {
      seq: QUESTION.seq,
      nickname: nicknames.get(socket.id),
      score: 0,
      rank: 1,
      streak: 0,
      question: data.question,
      round: 1,
      answered: true,
      response: data.response,
    });
    acknowledge({ ok: true, at: data.at });
  });

  socket.on("shout", (data, acknowledge) => {
    io.to(ROOM).emit("view", QUESTION);
    acknowledge({ ok: true });
  });

  socket.on("disconnect", () => nicknames.delete(socket.id));
});

server.listen(PORT, "127.0.0.1", () => console.log(`listening on ${server.address().port}`));

process.stdin.resume();
process.stdin.on("end", () => process.exit());
