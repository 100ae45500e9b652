/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Starts a program and says when its window shows what it was started for: rows of text in the
 * middle, which an empty page or a spinner is not. Prints "MAPPED_MS SHOWN_MS PEAK_KB\n" and ends
 * the program.
 *
 *   window-watch PROGRAM ARGUMENT…
 *   window-watch --start PROGRAM ARGUMENT…
 *
 * With --start it says when the first frame is there, whatever it shows, waits until the program
 * has come to rest, and prints "MAPPED_MS FRAME_MS RSS_KB PSS_KB PRIVATE_KB CPU_MS\n". RSS counts
 * what the program shares with others as its own; PSS counts its share of that, and private none of
 * it.
 *
 * Needs an X server of its own (xvfb-run): it looks at the largest window there is.
 */

#include <X11/Xlib.h>
#include <X11/Xutil.h>

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
  DEADLINE_MS = 20000,
  LOOK_EVERY_US = 3000,
  REST_MS = 3000,
  TOP = 64,              /* pixels of a window that are looked at for its first frame */
  TOP_INK_PER_MILLE = 5, /* of them that are not as the middle one */
  PART = 4,              /* what is looked at: the middle half of the window, each way */
  INK_PER_MILLE = 40     /* pixels of it that are no background; rows of bytes have 80 and more */
};

static double now_ms(void)
{
  struct timespec now;

  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* A window may go while it is looked at. */
static int ignore_error(Display *display, XErrorEvent *event)
{
  (void)display;
  (void)event;
  return 0;
}

static bool find_largest(Display *display, Window *largest, XWindowAttributes *attributes)
{
  Window root, parent, *children = NULL;
  unsigned n_children = 0;
  long area = 0;

  if (!XQueryTree(display, DefaultRootWindow(display), &root, &parent, &children, &n_children))
    return false;
  for (unsigned i = 0; i < n_children; i++) {
    XWindowAttributes found;

    if (!XGetWindowAttributes(display, children[i], &found) || found.map_state != IsViewable ||
        (long)found.width * found.height <= area)
      continue;
    area = (long)found.width * found.height;
    *largest = children[i];
    *attributes = found;
  }
  if (children)
    XFree(children);
  return area > 100L * 100;
}

static bool shows_rows(Display *display, Window window, const XWindowAttributes *attributes)
{
  int width = attributes->width / 2, height = attributes->height / 2;
  XImage *image = XGetImage(display, window, attributes->width / PART, attributes->height / PART,
                            (unsigned)width, (unsigned)height, AllPlanes, ZPixmap);
  long ink = 0;

  if (!image)
    return false;

  unsigned long ground = XGetPixel(image, width / 2, height / 2);

  for (int pass = 0; pass < 2; pass++) {
    /* The ground is the commoner of two colours tried: that of the middle, then the first other. */
    unsigned long other = ground;

    ink = 0;
    for (int y = 0; y < height; y++)
      for (int x = 0; x < width; x++)
        if (XGetPixel(image, x, y) != ground) {
          other = ink == 0 ? XGetPixel(image, x, y) : other;
          ink++;
        }
    if (ink * 2 < (long)width * height)
      break;
    ground = other;
  }
  XDestroyImage(image);
  return ink * 1000 > (long)width * height * INK_PER_MILLE && ink * 2 < (long)width * height;
}

/* A frame is painted as a whole, and none has a top of one colour: there are title and buttons. */
static bool shows_anything(Display *display, Window window, const XWindowAttributes *attributes)
{
  unsigned width = (unsigned)attributes->width, height = TOP;
  XImage *image = XGetImage(display, window, 0, 0, width, height, AllPlanes, ZPixmap);
  long other = 0;

  if (!image)
    return false;
  for (unsigned y = 0; y < height; y++)
    for (unsigned x = 0; x < width; x++)
      other +=
          XGetPixel(image, (int)x, (int)y) != XGetPixel(image, (int)width / 2, (int)height / 2);
  XDestroyImage(image);
  return other * 1000 > (long)width * height * TOP_INK_PER_MILLE;
}

/* The sum of a field's lines in /proc/PID/NAME; -1 without one. */
static long read_kb(pid_t pid, const char *name, const char *field)
{
  char path[64], line[256];
  size_t field_len = strlen(field);
  long sum = -1;

  snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);

  FILE *file = fopen(path, "r");

  while (file && fgets(line, sizeof line, file))
    if (strncmp(line, field, field_len) == 0 && strchr(line, ':'))
      sum = (sum < 0 ? 0 : sum) + strtol(strchr(line, ':') + 1, NULL, 10);
  if (file)
    fclose(file);
  return sum;
}

static void print_start(pid_t pid, double mapped_ms, double frame_ms)
{
  struct timespec cpu = {0};
  clockid_t clock;

  if (clock_getcpuclockid(pid, &clock) == 0)
    clock_gettime(clock, &cpu);
  usleep(REST_MS * 1000);
  printf("%.0f %.0f %ld %ld %ld %.0f\n", mapped_ms, frame_ms, read_kb(pid, "smaps_rollup", "Rss:"),
         read_kb(pid, "smaps_rollup", "Pss:"), read_kb(pid, "smaps_rollup", "Private_"),
         (double)cpu.tv_sec * 1e3 + (double)cpu.tv_nsec / 1e6);
}

static int watch(Display *display, pid_t pid, double start_ms, bool start)
{
  double mapped_ms = 0;

  while (now_ms() - start_ms < DEADLINE_MS) {
    XWindowAttributes attributes;
    Window window = None;

    if (find_largest(display, &window, &attributes)) {
      if (mapped_ms == 0)
        mapped_ms = now_ms() - start_ms;
      if (start && shows_anything(display, window, &attributes)) {
        print_start(pid, mapped_ms, now_ms() - start_ms);
        return EXIT_SUCCESS;
      }
      if (!start && shows_rows(display, window, &attributes)) {
        printf("%.0f %.0f %ld\n", mapped_ms, now_ms() - start_ms, read_kb(pid, "status", "VmHWM:"));
        return EXIT_SUCCESS;
      }
    }
    usleep(LOOK_EVERY_US);
  }
  fprintf(stderr, "window-watch: no rows in %d ms\n", DEADLINE_MS);
  return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
  bool start = argc > 1 && strcmp(argv[1], "--start") == 0;
  char **command = argv + (start ? 2 : 1);
  Display *display = *command ? XOpenDisplay(NULL) : NULL;

  if (!display)
    return EXIT_FAILURE;
  XSetErrorHandler(ignore_error);

  double start_ms = now_ms();
  pid_t pid = fork();

  if (pid == 0) {
    execvp(command[0], command);
    _exit(127);
  }

  int code = pid > 0 ? watch(display, pid, start_ms, start) : EXIT_FAILURE;

  if (pid > 0) {
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
  }
  return code;
}
