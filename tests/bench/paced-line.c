/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * A serial line in real time between two pseudo-terminals: each byte takes ten bit times, arrives a
 * latency later, and now and then has one bit turned, both ways alike.
 *
 *   paced-line BAUD LATENCY_MS BIT_ERROR_RATE SEED
 *
 * Prints the names of both ends and carries bytes until its standard input ends. Every byte's time
 * is computed, not slept for: what the machine does meanwhile delays single bytes, never the line.
 */

#define _GNU_SOURCE /* posix_openpt and its kin */

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum {
  BITS = 10,
  QUEUE = 1 << 14, /* bytes on their way; more than latency and backlog together */
  BACKLOG = 256,   /* taken from the sender before they have left, as a UART's driver does */
  TICK_NS = 250 * 1000,
  MS_NS = 1000 * 1000,
  LATENCY_MAX_MS = 100,
  BAUD_MAX = 1000 * 1000,
};

typedef struct {
  int from, to;
  uint8_t bytes[QUEUE];
  int64_t due_ns[QUEUE];
  size_t head, count;
  int64_t free_ns; /* when all that was taken will have left */
  unsigned short chance[3];
} Way;

static int64_t byte_ns, latency_ns;
static double byte_error_rate;

static int64_t now_ns(void)
{
  struct timespec now;

  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 * MS_NS + now.tv_nsec;
}

static uint8_t disturb(Way *way, uint8_t byte)
{
  if (byte_error_rate > 0 && erand48(way->chance) < byte_error_rate)
    byte ^= (uint8_t)(1 << nrand48(way->chance) % 8);
  return byte;
}

/* Takes what the sender has for the line, as long as the line has little to do. */
static void take(Way *way, int64_t now)
{
  uint8_t bytes[BACKLOG];
  ssize_t length;

  if (way->free_ns < now)
    way->free_ns = now;

  int64_t room = BACKLOG - (way->free_ns - now) / byte_ns;

  if (room <= 0 || (length = read(way->from, bytes, (size_t)room)) < 0)
    return;
  for (ssize_t i = 0; i < length; i++) {
    size_t place = (way->head + way->count++) % QUEUE;

    way->free_ns += byte_ns;
    way->bytes[place] = disturb(way, bytes[i]);
    way->due_ns[place] = way->free_ns + latency_ns;
  }
}

/* A receiver that does not read makes the line wait: nothing is lost but by errors. */
static void deliver(Way *way, int64_t now)
{
  while (way->count > 0 && way->due_ns[way->head] <= now &&
         write(way->to, &way->bytes[way->head], 1) == 1) {
    way->head = (way->head + 1) % QUEUE;
    way->count--;
  }
}

/* One end: the master here, the name of the other side for whoever uses it. That side is opened
 * here too and left open, so that users may come and go. */
static int open_end(const char **name)
{
  int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  struct termios settings;
  int slave;

  if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0)
    return -1;
  *name = ptsname(master);
  slave = open(*name, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (slave < 0 || tcgetattr(slave, &settings) != 0)
    return -1;
  cfmakeraw(&settings);
  return tcsetattr(slave, TCSANOW, &settings) == 0 ? master : -1;
}

static bool has_room(const Way *way, int64_t now)
{
  return (way->free_ns - now) / byte_ns < BACKLOG;
}

/* Until a sender has something that there is room for, at most a tick while bytes are on their way.
 * Senders are heard at once: who writes its last byte and goes may throw away what a
 * pseudo-terminal still holds, where a serial port would have sent it. False when the standard
 * input has ended. */
static bool wait_for_work(const Way ways[2])
{
  const struct timespec tick = {.tv_nsec = TICK_NS};
  bool empty = ways[0].count == 0 && ways[1].count == 0;
  int64_t now = now_ns();
  struct pollfd fds[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                         {.fd = has_room(&ways[0], now) ? ways[0].from : -1, .events = POLLIN},
                         {.fd = has_room(&ways[1], now) ? ways[1].from : -1, .events = POLLIN}};

  if (ppoll(fds, 3, empty ? NULL : &tick, NULL) < 0)
    return errno == EINTR;
  return fds[0].revents == 0;
}

static bool read_arguments(int argc, char **argv, Way ways[2])
{
  if (argc != 5)
    return false;

  long baud = atol(argv[1]);
  long latency_ms = atol(argv[2]);

  if (baud <= 0 || baud > BAUD_MAX || latency_ms < 0 || latency_ms > LATENCY_MAX_MS)
    return false;
  byte_ns = BITS * 1000 * (int64_t)MS_NS / baud;
  latency_ns = latency_ms * (int64_t)MS_NS;
  byte_error_rate = 1 - pow(1 - atof(argv[3]), BITS);
  for (unsigned i = 0; i < 2; i++)
    ways[i].chance[0] = (unsigned short)(2 * atol(argv[4]) + i);
  return true;
}

int main(int argc, char **argv)
{
  static Way ways[2];
  const char *name;

  if (!read_arguments(argc, argv, ways)) {
    fprintf(stderr, "paced-line BAUD LATENCY_MS BIT_ERROR_RATE SEED\n");
    return EXIT_FAILURE;
  }
  for (unsigned i = 0; i < 2; i++) {
    int end = open_end(&name);

    if (end < 0) {
      perror("paced-line");
      return EXIT_FAILURE;
    }
    ways[i].from = ways[1 - i].to = end;
    printf("%s\n", name);
  }
  fflush(stdout);
  while (wait_for_work(ways)) {
    int64_t now = now_ns();

    for (unsigned i = 0; i < 2; i++) {
      take(&ways[i], now);
      deliver(&ways[i], now);
    }
  }
  return EXIT_SUCCESS;
}
