/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Runs commands in the guest for guest.py, with the guest's own clock at everything that happens.
 *
 *   guest-agent PORT        PORT is the character device that leads to the harness
 *
 * Comes in:  "run ID USER COMMAND", for a shell; "signal ID NUMBER", to its process group
 * Goes out:  "TIME KIND ID TEXT", TIME in microseconds of CLOCK_MONOTONIC
 *   o, e     a line of output or of errors
 *   x        it ended: "CODE CPU", 128 + signal as shells have it, CPU in microseconds
 *   c        what it had used when the kernel said something: CPU in microseconds
 *   k        the kernel said something; ID is 0, TIME the kernel's own
 */

#define _GNU_SOURCE /* initgroups, wait4 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { JOBS_MAX = 8, LINE_MAX_ = 1 << 16, PIPES = 2 };

typedef struct {
  int fd; /* -1: at its end */
  size_t length;
  char text[LINE_MAX_];
} Stream;

typedef struct {
  int id; /* 0: free */
  pid_t pid;
  Stream streams[PIPES]; /* output, errors */
} Job;

static Job jobs[JOBS_MAX];
static Stream port;
static int64_t kernel_offset_us; /* the kernel's log goes by a clock of its own */

static int64_t now_us(void)
{
  struct timespec now;

  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void die(const char *what)
{
  perror(what);
  exit(1);
}

static void tell(int64_t time_us, char kind, int id, const char *text)
{
  static char line[LINE_MAX_ + 64];
  int length = snprintf(line, sizeof line, "%" PRId64 " %c %d %s\n", time_us, kind, id, text);

  for (int done = 0; done < length;) {
    ssize_t written = write(port.fd, line + done, (size_t)(length - done));

    if (written < 0 && errno != EINTR)
      die("write");
    done += written > 0 ? (int)written : 0;
  }
}

static Job *find_job(int id)
{
  for (int i = 0; i < JOBS_MAX; i++)
    if (jobs[i].id == id)
      return &jobs[i];
  return NULL;
}

static void become(const char *user)
{
  const struct passwd *entry = getpwnam(user);

  if (!entry || initgroups(user, entry->pw_gid) < 0 || setgid(entry->pw_gid) < 0 ||
      setuid(entry->pw_uid) < 0)
    die(user);
  setenv("HOME", entry->pw_dir, 1);
  setenv("USER", user, 1);
}

static void start(int id, const char *user, const char *command)
{
  Job *job = find_job(0);
  int pipes[PIPES][2];

  if (!job || pipe2(pipes[0], O_CLOEXEC) < 0 || pipe2(pipes[1], O_CLOEXEC) < 0)
    die("start");
  job->id = id;
  job->pid = fork();
  if (job->pid < 0)
    die("fork");
  if (job->pid == 0) {
    int nothing = open("/dev/null", O_RDONLY);

    setsid();
    dup2(nothing, STDIN_FILENO);
    dup2(pipes[0][1], STDOUT_FILENO);
    dup2(pipes[1][1], STDERR_FILENO);
    become(user);
    execl("/bin/sh", "sh", "-c", command, NULL);
    die("sh");
  }
  for (int i = 0; i < PIPES; i++) {
    close(pipes[i][1]);
    job->streams[i].fd = pipes[i][0];
    job->streams[i].length = 0;
  }
}

static void obey(char *line)
{
  int id, number, at = 0;
  char user[32];

  if (sscanf(line, "run %d %31s %n", &id, user, &at) == 2 && at > 0) {
    start(id, user, line + at);
  } else if (sscanf(line, "signal %d %d", &id, &number) == 2) {
    const Job *job = id > 0 ? find_job(id) : NULL;

    if (job)
      kill(-job->pid, number);
  } else {
    die("obey");
  }
}

/* Reads what is there and hands it over line by line; FALSE at the end. */
static bool take_lines(Stream *stream, void (*take)(char *line, const void *data), const void *data)
{
  ssize_t length =
      read(stream->fd, stream->text + stream->length, sizeof stream->text - 1 - stream->length);
  char *line = stream->text, *end;

  if (length < 0)
    return errno == EINTR || errno == EAGAIN;
  stream->length += (size_t)length;
  stream->text[stream->length] = '\0';
  while ((end = strchr(line, '\n'))) {
    *end = '\0';
    take(line, data);
    line = end + 1;
  }
  stream->length -= (size_t)(line - stream->text);
  memmove(stream->text, line, stream->length + 1);
  if (stream->length > 0 && (length == 0 || stream->length == sizeof stream->text - 1)) {
    take(stream->text, data);
    stream->length = 0;
  }
  return length > 0;
}

typedef struct {
  int id;
  char kind;
} Source;

static void take_output(char *line, const void *data)
{
  const Source *source = data;

  tell(now_us(), source->kind, source->id, line);
}

static void take_order(char *line, const void *data)
{
  (void)data;
  obey(line);
}

static void end_job(Job *job)
{
  struct rusage usage = {.ru_utime = {0}};
  char text[64];
  int status = 0;

  wait4(job->pid, &status, 0, &usage);
  snprintf(text, sizeof text, "%d %" PRId64,
           WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
           (int64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
               usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
  tell(now_us(), 'x', job->id, text);
  job->id = 0;
}

static void pump_job(Job *job, int n)
{
  static const char kinds[PIPES] = {'o', 'e'};
  Stream *stream = &job->streams[n];

  if (take_lines(stream, take_output, &(Source){job->id, kinds[n]}))
    return;
  close(stream->fd);
  stream->fd = -1;
  if (job->streams[1 - n].fd < 0)
    end_job(job);
}

/* All threads of a process, to the nanosecond. */
static void tell_cpu(const Job *job)
{
  char text[64];
  struct timespec used;
  clockid_t clock;

  if (clock_getcpuclockid(job->pid, &clock) != 0 || clock_gettime(clock, &used) < 0)
    return;
  snprintf(text, sizeof text, "%" PRId64, (int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000);
  tell(now_us(), 'c', job->id, text);
}

/* A record is "PRIORITY,NUMBER,TIME,FLAGS;TEXT" and one read. */
static void pump_kernel(int kmsg)
{
  char record[8192];
  int64_t time_us;
  ssize_t length = read(kmsg, record, sizeof record - 1);
  char *text;

  if (length <= 0)
    return;
  record[length] = '\0';
  text = strchr(record, ';');
  if (!text || sscanf(record, "%*d,%*d,%" SCNd64, &time_us) != 1)
    return;
  text[1 + strcspn(text + 1, "\n")] = '\0';
  if (strstr(text, "guest-agent: ")) {
    sscanf(strstr(text, "guest-agent: "), "guest-agent: %" SCNd64, &kernel_offset_us);
    kernel_offset_us -= time_us;
  }
  tell(time_us + kernel_offset_us, 'k', 0, text + 1);
  for (int i = 0; i < JOBS_MAX; i++)
    if (jobs[i].id)
      tell_cpu(&jobs[i]);
}

static int open_kernel_log(void)
{
  int kmsg = open("/dev/kmsg", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  char mark[64];

  if (kmsg < 0 || lseek(kmsg, 0, SEEK_END) < 0)
    die("/dev/kmsg");
  snprintf(mark, sizeof mark, "guest-agent: %" PRId64, now_us());
  if (write(kmsg, mark, strlen(mark)) < 0)
    die("/dev/kmsg");
  return kmsg;
}

int main(int argc, char **argv)
{
  int kmsg = open_kernel_log();

  port.fd = argc == 2 ? open(argv[1], O_RDWR | O_CLOEXEC) : -1;
  if (port.fd < 0)
    die("the port");
  tell(now_us(), 'k', 0, "guest-agent is ready");
  for (;;) {
    struct pollfd fds[2 + JOBS_MAX * PIPES] = {{port.fd, POLLIN, 0}, {kmsg, POLLIN, 0}};

    for (int i = 0; i < JOBS_MAX * PIPES; i++) {
      const Job *job = &jobs[i / PIPES];

      fds[2 + i].fd = job->id ? job->streams[i % PIPES].fd : -1;
      fds[2 + i].events = POLLIN;
    }
    if (poll(fds, 2 + JOBS_MAX * PIPES, -1) < 0)
      continue;
    if (fds[1].revents)
      pump_kernel(kmsg);
    for (int i = 0; i < JOBS_MAX * PIPES; i++)
      if (fds[2 + i].fd >= 0 && fds[2 + i].revents)
        pump_job(&jobs[i / PIPES], i % PIPES);
    if (fds[0].revents && !take_lines(&port, take_order, NULL))
      return 0;
  }
}
