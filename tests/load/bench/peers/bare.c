/* The least that a broadcast can cost: one frame, built once, and a loop of send().
 *
 * `bare QUESTION --port PORT` prints `listening on PORT` and takes plain TCP connections. The first one is whoever
 * measures, all others are phones. At each line `go` of the first it sends QUESTION, a file of one line of JSON, as
 * the WebSocket text frame `42["view",…]` to every phone, and answers `<ns of wall> <ns of CPU>`. It ends
 * when its standard input or the first connection closes.
 */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifndef SEND_BUFFER_BYTES
#error "SEND_BUFFER_BYTES is the server's own: see catalogue.py"
#endif

enum { MOST_PHONES = 8000, MOST_BYTES = 65535, BACKLOG = 4096, WANTED_DESCRIPTORS = 8192, HEAD_BYTES = 4 };

static int phones[MOST_PHONES];
static int count;
static unsigned char frame[HEAD_BYTES + MOST_BYTES];
static size_t frame_bytes;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static long long now_ns(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void build_frame(const char *file) {
    static char question[MOST_BYTES - 16];
    FILE *opened = fopen(file, "r");
    if (!opened || !fgets(question, sizeof question, opened)) fail(file);
    fclose(opened);
    question[strcspn(question, "\r\n")] = 0;
    char *text = (char *)frame + HEAD_BYTES;
    int bytes = sprintf(text, "42[\"view\",%s]", question);
    if (bytes < 126) {
        fprintf(stderr, "%s: too short for a frame with a length of two bytes\n", file);
        exit(1);
    }
    frame[0] = 0x81;
    frame[1] = 126;
    frame[2] = (unsigned char)(bytes >> 8);
    frame[3] = (unsigned char)(bytes & 255);
    frame_bytes = HEAD_BYTES + (size_t)bytes;
}

static int listen_on(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    socklen_t size = sizeof address;
    int yes = 1, send_buffer = SEND_BUFFER_BYTES, listening = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    setsockopt(listening, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes); /* accepted sockets inherit both */
    setsockopt(listening, SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
    if (bind(listening, (struct sockaddr *)&address, size) || listen(listening, BACKLOG)) fail("listen");
    getsockname(listening, (struct sockaddr *)&address, &size);
    printf("listening on %d\n", ntohs(address.sin_port));
    fflush(stdout);
    return listening;
}

static void send_to_all(int control) {
    char answer[64];
    long long began = now_ns(CLOCK_MONOTONIC), cpu_began = now_ns(CLOCK_PROCESS_CPUTIME_ID);
    for (int at = 0; at < count; at++)
        if (send(phones[at], frame, frame_bytes, 0) != (ssize_t)frame_bytes) fail("send");
    long long took = now_ns(CLOCK_MONOTONIC) - began, cpu_took = now_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu_began;
    int bytes = sprintf(answer, "%lld %lld\n", took, cpu_took);
    if (write(control, answer, (size_t)bytes) != bytes) fail("write");
}

int main(int argc, char **argv) {
    struct rlimit limit;
    char line[256];
    if (argc != 4 || strcmp(argv[2], "--port")) {
        fprintf(stderr, "usage: bare QUESTION --port PORT\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < WANTED_DESCRIPTORS) {
        limit.rlim_cur = limit.rlim_max < WANTED_DESCRIPTORS ? limit.rlim_max : WANTED_DESCRIPTORS;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    build_frame(argv[1]);

    enum { STDIN, LISTENING, CONTROL };
    struct pollfd ready[] = {{0, POLLIN, 0}, {listen_on(atoi(argv[3])), POLLIN, 0}, {-1, POLLIN, 0}};
    for (;;) {
        if (poll(ready, 3, -1) < 0) fail("poll");
        if (ready[STDIN].revents && read(0, line, sizeof line) <= 0) return 0;
        if (ready[LISTENING].revents) { /* whoever waits comes in before the next `go` is looked at */
            int accepted = accept(ready[LISTENING].fd, NULL, NULL);
            if (accepted < 0) fail("accept");
            if (ready[CONTROL].fd < 0)
                ready[CONTROL].fd = accepted;
            else if (count < MOST_PHONES)
                phones[count++] = accepted;
            else
                close(accepted);
        } else if (ready[CONTROL].fd >= 0 && ready[CONTROL].revents) {
            ssize_t bytes = read(ready[CONTROL].fd, line, sizeof line);
            if (bytes <= 0) return 0;
            for (ssize_t at = 0; at < bytes; at++)
                if (line[at] == '\n') send_to_all(ready[CONTROL].fd);
        }
    }
}
