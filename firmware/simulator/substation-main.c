/* SPDX-License-Identifier: GPL-3.0-or-later */

/* switchyard-substation: a virtual substation behind a pseudo terminal, its own or one it is given,
 * paced to real time. */

#define _GNU_SOURCE /* posix_openpt and its kin */
#include "substation-control.h"

#include "sy-hex.h"
#include "sy-locate.h"
#include "sy-tty-rate.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum {
  SLICE_US = 1000,         /* of virtual time, while something happens */
  IDLE_WAIT_MS = 10,       /* real time; the firmware's own tick */
  TO_HOST_MAX = 64 * 1024, /* bytes nobody reads: then they are lost, as on a line */
  SAVE_AFTER_US = 200 * 1000,
  START_UP_MS = 2000,
};

typedef struct {
  char *pty_path, *flash_path, *factory_path, *control_path;
  gboolean fast;
  int link_fd, control_fd;
  int erase_ms;
  char **faults;
} Options;

typedef struct {
  Options options;
  SimSubstation *substation;
  Control *control;
  int fd;       /* the host's end of the line, as we see it; -1: none now */
  int slave_fd; /* held open, or the master reads EIO when the last client leaves */
  GByteArray *to_host;
  guint64 start_us, start_cycle;
  unsigned saved_operations, seen_operations;
  guint64 changed_us;
} Station;

static volatile sig_atomic_t asked_to_stop;

static void on_stop_signal(int signal_number)
{
  (void)signal_number;
  asked_to_stop = 1;
}

static G_GNUC_NORETURN void fail(const char *message)
{
  g_printerr("switchyard-substation: %s\n", message);
  exit(1);
}

static void tell_report(void *context, const SimReport *report)
{
  (void)context;
  g_printerr("firmware: %s, pc 0x%08x, value 0x%08x, cycle %" G_GUINT64_FORMAT "\n",
             sim_report_name(report->kind), report->pc, report->value, report->cycle);
}

static void tell_fault(void *context, SimFaultKind kind, uint32_t number)
{
  (void)context;
  g_printerr("fault: %s=%u happened\n", sim_fault_name(kind), number);
}

static void check_range(const char *spec, SimFaultKind kind, guint32 number)
{
  guint32 first, last;

  sim_fault_get_range(kind, &first, &last);
  if (number >= first && number <= last)
    return;
  g_printerr("switchyard-substation: “%s”: %s takes %u to %u\n", spec, sim_fault_name(kind), first,
             last);
  exit(2);
}

/* "drop-rx=17" */
static void add_fault(SimSubstation *substation, const char *spec)
{
  SimFaultKind kind;
  guint32 number;

  if (control_parse_fault(spec, &kind, &number)) {
    check_range(spec, kind, number);
    if (sim_substation_add_fault(substation, kind, number))
      return;
    g_printerr("switchyard-substation: more than %d faults\n", SIM_FAULTS_MAX);
    exit(2);
  }
  g_printerr("switchyard-substation: “%s” is no fault. Faults are KIND=N, where KIND is one of:\n",
             spec);
  for (kind = 0; kind < SIM_FAULT_COUNT; kind++)
    g_printerr("  %s\n", sim_fault_name(kind));
  exit(2);
}

static gboolean load_factory(const Options *options, SimChip *chip, GError **error)
{
  g_autofree char *path =
      options->factory_path ? g_strdup(options->factory_path) : sy_locate_firmware("factory.hex");
  g_autoptr(GFile) file = g_file_new_for_path(path);
  g_autoptr(SyImage) image = sy_hex_load(file, NULL, error);

  if (!image)
    return FALSE;
  sy_image_copy(image, 0, WIRE_FLASH_SIZE, 0xff, sim_chip_flash(chip));
  sim_chip_flash_loaded(chip);
  return TRUE;
}

static void load_flash(const Options *options, SimChip *chip)
{
  g_autofree char *bytes = NULL;
  g_autoptr(GError) error = NULL;
  gsize length;

  if (options->flash_path && g_file_test(options->flash_path, G_FILE_TEST_EXISTS)) {
    if (!g_file_get_contents(options->flash_path, &bytes, &length, &error))
      fail(error->message);
    if (length != WIRE_FLASH_SIZE && length != SIM_SAVED_FLASH_SIZE)
      fail("the flash file is neither 128 KB long nor 136 KB, with what its cells are like");
    if (!sim_chip_restore_flash(chip, (const guint8 *)bytes, length))
      fail("the flash file's bytes and what it says of the cells do not fit together");
    return;
  }
  if (!load_factory(options, chip, &error))
    fail(error->message);
}

static unsigned count_operations(const Station *station)
{
  SimChip *chip = sim_substation_get_chip(station->substation);

  return sim_chip_count_operations(chip, SIM_FLASH_ERASE) +
         sim_chip_count_operations(chip, SIM_FLASH_PROGRAM);
}

static gboolean save_flash(Station *station)
{
  SimChip *chip = sim_substation_get_chip(station->substation);
  g_autoptr(GError) error = NULL;
  g_autofree guint8 *saved = g_malloc(SIM_SAVED_FLASH_SIZE);

  station->saved_operations = count_operations(station);
  if (!station->options.flash_path)
    return TRUE;
  sim_chip_save_flash(chip, saved);
  if (g_file_set_contents(station->options.flash_path, (const char *)saved, SIM_SAVED_FLASH_SIZE,
                          &error))
    return TRUE;
  g_printerr("switchyard-substation: %s\n", error->message);
  return FALSE;
}

/* Writes the flash file once nothing has changed for a moment. */
static void save_when_quiet(Station *station, guint64 now_us)
{
  unsigned operations = count_operations(station);

  if (operations != station->seen_operations) {
    station->seen_operations = operations;
    station->changed_us = now_us;
  } else if (operations != station->saved_operations &&
             now_us - station->changed_us > SAVE_AFTER_US) {
    save_flash(station);
  }
}

/* The name people give the pty: a symbolic link, replaced if one is left over, never anything else.
 */
static void link_pty(const char *slave, const char *path)
{
  GStatBuf status;

  if (g_lstat(path, &status) == 0) {
    if (!S_ISLNK(status.st_mode))
      fail("the pty's path exists and is no symbolic link");
    g_unlink(path);
  }
  if (symlink(slave, path) < 0)
    fail(g_strerror(errno));
}

/* Another substation may have taken the name over. */
static void unlink_pty(const Station *station)
{
  const char *path = station->options.pty_path;
  g_autofree char *target = path ? g_file_read_link(path, NULL) : NULL;

  if (target && g_strcmp0(target, ptsname(station->fd)) == 0)
    g_unlink(path);
}

/* Takes the descriptor. */
static void set_line(Station *station, int fd)
{
  station->fd = fd;
  g_unix_set_fd_nonblocking(fd, TRUE, NULL);
}

static void open_pty(Station *station)
{
  const char *path = station->options.pty_path;
  struct termios settings;
  const char *slave;
  int master;

  master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
    fail("no pseudo terminal can be made");
  set_line(station, master);
  slave = ptsname(master);
  station->slave_fd = open(slave, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (station->slave_fd < 0 || tcgetattr(station->slave_fd, &settings) < 0)
    fail("the pseudo terminal cannot be opened");
  cfmakeraw(&settings);
  cfsetspeed(&settings, B115200); /* for clients that set none */
  tcsetattr(station->slave_fd, TCSANOW, &settings);
  if (path)
    link_pty(slave, path);
  printf("pty:%s\n", path ? path : slave);
  fflush(stdout);
}

/* A line of its own making, by its name. */
static gboolean has_own_pty(const Station *station)
{
  return station->options.link_fd < 0 && station->options.control_fd < 0;
}

static void open_line(Station *station)
{
  if (station->options.link_fd >= 0)
    set_line(station, station->options.link_fd);
  else if (has_own_pty(station))
    open_pty(station);
}

static void close_line(Station *station)
{
  if (station->fd < 0)
    return;
  if (has_own_pty(station))
    unlink_pty(station);
  close(station->fd);
  if (station->slave_fd >= 0)
    close(station->slave_fd);
  station->fd = station->slave_fd = -1;
  g_byte_array_set_size(station->to_host, 0);
  sim_chip_line_drop(sim_substation_get_chip(station->substation));
}

static void take_line(gpointer user_data, int fd)
{
  close_line(user_data);
  set_line(user_data, fd);
}

/* Whoever is at the other end of a pulled cable is hung up; the substation goes on. */
static void follow_cable(gpointer user_data)
{
  Station *station = user_data;
  gboolean plugged = sim_substation_is_plugged(station->substation);

  if (!plugged)
    close_line(station);
  else if (station->fd < 0 && has_own_pty(station))
    open_pty(station);
}

/* Bytes from the host; FALSE when it has closed the line for good. */
static gboolean take_from_host(Station *station)
{
  guint8 bytes[4096];
  gssize length;

  while ((length = read(station->fd, bytes, sizeof bytes)) > 0)
    sim_substation_send(station->substation, bytes, (size_t)length);
  return length < 0 && (errno == EAGAIN || errno == EINTR);
}

/* The line goes at the rate that the host has set at its end. */
static void follow_host_rate(Station *station)
{
  guint baud = sy_tty_get_rate(station->fd);

  if (baud != 0)
    sim_chip_line_set_baud(sim_substation_get_chip(station->substation), baud);
}

static void give_to_host(Station *station)
{
  guint8 bytes[4096];
  gsize length;
  gssize written;

  while ((length = sim_substation_receive(station->substation, bytes, sizeof bytes)) > 0)
    if (station->to_host->len < TO_HOST_MAX)
      g_byte_array_append(station->to_host, bytes, (guint)length);
  if (station->to_host->len == 0)
    return;
  written = write(station->fd, station->to_host->data, station->to_host->len);
  if (written > 0)
    g_byte_array_remove_range(station->to_host, 0, (guint)written);
}

static gboolean is_busy(const Station *station)
{
  SimChip *chip = sim_substation_get_chip(station->substation);

  return sim_chip_line_get_queued(chip) > 0 ||
         (sim_chip_is_powered(chip) && !sim_chip_is_idle(chip) && !sim_chip_is_in_isp(chip));
}

/* Where virtual time should be now. Fast, it runs ahead while the substation has work, and real
 * time counts on from there. */
static void run_to_now(Station *station)
{
  SimChip *chip = sim_substation_get_chip(station->substation);
  guint64 now_us = (guint64)g_get_monotonic_time();
  guint64 cycle = station->start_cycle + sim_chip_cycles_from_us(chip, now_us - station->start_us);

  sim_substation_run_until(station->substation, cycle);
  if (!station->options.fast)
    return;
  if (is_busy(station))
    sim_substation_run_until(station->substation,
                             sim_chip_get_cycle(chip) + sim_chip_cycles_from_us(chip, SLICE_US));
  station->start_us = now_us;
  station->start_cycle = sim_chip_get_cycle(chip);
}

static void wait_for_work(const Station *station)
{
  struct pollfd fds[1 + CONTROL_POLL_MAX] = {{.fd = station->fd, .events = POLLIN}};
  unsigned count = 1 + control_fill_poll(station->control, fds + 1);
  int timeout_ms = IDLE_WAIT_MS;

  if (station->to_host->len > 0)
    fds[0].events |= POLLOUT;
  if (is_busy(station))
    timeout_ms = station->options.fast ? 0 : SLICE_US / 1000;
  else if (sim_substation_is_late(station->substation))
    timeout_ms = SLICE_US / 1000;
  poll(fds, count, timeout_ms);
}

/* Power was switched on a while ago: whoever opens the line finds the substation up. */
static void start_up(Station *station)
{
  SimChip *chip = sim_substation_get_chip(station->substation);
  guint8 dropped[256];

  sim_substation_set_power(station->substation, true);
  for (int ms = 0; ms < START_UP_MS && is_busy(station); ms++)
    sim_substation_run_until(station->substation,
                             sim_chip_get_cycle(chip) + sim_chip_cycles_from_us(chip, 1000));
  while (sim_substation_receive(station->substation, dropped, sizeof dropped) > 0)
    continue;
}

static void start_clock(Station *station)
{
  station->start_us = (guint64)g_get_monotonic_time();
  station->start_cycle = sim_chip_get_cycle(sim_substation_get_chip(station->substation));
}

static gboolean reset(gpointer user_data, GError **error)
{
  Station *station = user_data;

  sim_substation_set_power(station->substation, false);
  if (!load_factory(&station->options, sim_substation_get_chip(station->substation), error))
    return FALSE;
  sim_substation_clear_faults(station->substation);
  sim_substation_set_plugged(station->substation, true);
  follow_cable(station);
  start_up(station);
  start_clock(station);
  return TRUE;
}

/* FALSE when the line has ended and the substation ends with it. */
static gboolean serve_line(Station *station)
{
  if (station->fd < 0)
    return station->options.link_fd < 0;
  follow_host_rate(station);
  if (take_from_host(station))
    give_to_host(station);
  else if (station->options.control_fd < 0)
    return FALSE;
  else
    close_line(station);
  return TRUE;
}

static void run(Station *station)
{
  start_clock(station);
  while (!asked_to_stop) {
    wait_for_work(station);
    run_to_now(station);
    if (!control_run(station->control) || !serve_line(station))
      break;
    follow_cable(station);
    save_when_quiet(station, (guint64)g_get_monotonic_time());
  }
}

static void parse_options(Options *options, int argc, char **argv)
{
  const GOptionEntry entries[] = {
      {"pty", 0, 0, G_OPTION_ARG_FILENAME, &options->pty_path, "Name the pseudo terminal PATH",
       "PATH"},
      {"flash", 0, 0, G_OPTION_ARG_FILENAME, &options->flash_path,
       "Keep the flash in FILE between runs", "FILE"},
      {"factory", 0, 0, G_OPTION_ARG_FILENAME, &options->factory_path,
       "Start from this factory image", "HEX"},
      {"fast", 0, 0, G_OPTION_ARG_NONE, &options->fast,
       "Do not pace work to real time; waiting stays real", NULL},
      {"fault", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->faults,
       "Let something go wrong, see below; may be given again", "KIND=N"},
      {"erase-ms", 0, 0, G_OPTION_ARG_INT, &options->erase_ms,
       "Time an erase takes: 100 (default) or 400 by data sheet", "MS"},
      {"control", 0, 0, G_OPTION_ARG_FILENAME, &options->control_path,
       "Take commands at the Unix socket PATH, see below", "PATH"},
      {"control-fd", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_INT, &options->control_fd,
       "Take commands, and lines, from this socket; end with it", "FD"},
      {"link-fd", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_INT, &options->link_fd,
       "Use this open master of a pseudo terminal", "FD"},
      G_OPTION_ENTRY_NULL,
  };
  g_autoptr(GOptionContext) context = g_option_context_new(NULL);
  g_autoptr(GError) error = NULL;

  g_option_context_set_summary(context,
                               "A virtual substation: the real firmware on a modelled LPC2114.");
  g_option_context_set_description(
      context,
      "Faults; N is decimal, or hexadecimal with 0x:\n"
      "  the N-th byte:   drop-rx=N, flip-rx=N, drop-tx=N; after N bytes: silent-after=N\n"
      "  the N-th block programmed:   power-cut-block=N, bad-program=N, refuse-program=N\n"
      "  the N-th erase:   power-cut-erase=N, bad-erase=N, refuse-erase=N\n"
      "  the block at address 512 x N, whenever programmed:   worn-block=N, weak-block=N\n"
      "  with the N-th block programmed, of the line:   silent-block=N, unplug-block=N\n"
      "  all the time:   noise=N (bits of a million turned), drop-every=N (16 bytes after N),\n"
      "                  latency=N (each byte takes N ms more)\n"
      "\n"
      "Commands, a line each, answered by \"ok\" or \"error\" and why:\n"
      "  fault KIND=N   as above, counted from now     clear          no faults any more\n"
      "  unplug, plug   the cable                      power off|on   until the other is said\n"
      "  status         what has happened, counted     factory        all as on the first day\n"
      "  watch          from now on: fired KIND COUNT\n"
      "as in: echo unplug | socat - UNIX-CONNECT:PATH\n"
      "\n"
      "Example:\n"
      "  switchyard-substation --pty /tmp/station --flash station.bin --fault power-cut-block=5 &\n"
      "  switchyard-cli upgrade --port pty:/tmp/station release.hex\n"
      "\n"
      "Exit status: 0 it was ended, 1 a file or the pseudo terminal failed, 2 wrong usage.\n"
      "“man switchyard-substation” tells more.");
  g_option_context_add_main_entries(context, entries, NULL);
  if (!g_option_context_parse(context, &argc, &argv, &error) || argc > 1) {
    g_printerr("switchyard-substation: %s\n", error ? error->message : "too many arguments");
    exit(2);
  }
  if (options->erase_ms < 1 || options->erase_ms > 5000) {
    g_printerr("switchyard-substation: --erase-ms takes 1 to 5000\n");
    exit(2);
  }
}

static void free_options(Options *options)
{
  g_free(options->pty_path);
  g_free(options->flash_path);
  g_free(options->factory_path);
  g_free(options->control_path);
  g_strfreev(options->faults);
}

static void start_control(Station *station)
{
  const ControlActions actions = {
      .substation = station->substation,
      .user_data = station,
      .take_line = take_line,
      .follow_cable = follow_cable,
      .reset = reset,
  };
  g_autoptr(GError) error = NULL;

  station->control = control_new(&actions);
  if (station->options.control_fd >= 0)
    control_add_owner(station->control, station->options.control_fd);
  if (station->options.control_path &&
      !control_listen(station->control, station->options.control_path, &error))
    fail(error->message);
}

/* A private substation ends with its line or its owner. Ctrl+C or a closed terminal is meant for
 * the program that started it, which still has to find out what runs. */
static void set_up_signals(const Station *station)
{
  struct sigaction action = {.sa_handler = on_stop_signal};

  signal(SIGPIPE, SIG_IGN);
  sigaction(SIGTERM, &action, NULL);
  if (!has_own_pty(station)) {
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
  } else {
    sigaction(SIGINT, &action, NULL);
  }
}

int main(int argc, char **argv)
{
  Station station = {
      .options = {.link_fd = -1, .control_fd = -1, .erase_ms = 100}, .fd = -1, .slave_fd = -1};
  SimSubstationConfig config;

  setlocale(LC_ALL, "");
  parse_options(&station.options, argc, argv);
  sim_substation_config_init(&config);
  config.fault_fired = tell_fault;
  config.chip.erase_ms = (uint32_t)station.options.erase_ms;
  config.chip.hooks.report = tell_report;
  config.chip.seed = g_random_int();
  station.substation = sim_substation_new(&config);
  station.to_host = g_byte_array_new();
  if (!station.substation)
    fail("not enough memory");
  for (char **spec = station.options.faults; spec && *spec; spec++)
    add_fault(station.substation, *spec);
  load_flash(&station.options, sim_substation_get_chip(station.substation));
  if (!save_flash(&station)) /* said now, not after an evening's work */
    return 1;
  set_up_signals(&station);
  start_up(&station);
  start_control(&station);
  open_line(&station);
  run(&station);
  save_flash(&station);
  close_line(&station);
  control_free(station.control);
  g_byte_array_unref(station.to_host);
  sim_substation_free(station.substation);
  free_options(&station.options);
  return 0;
}
