/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The control channel of a virtual substation. */

#define _GNU_SOURCE /* accept4 */
#include "substation-control.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { ANSWER_MAX = 1024 };

typedef struct {
  int fd; /* -1: none */
  gboolean watches, is_owner;
  char line[CONTROL_LINE_MAX];
  gsize length;
  int passed_fd; /* that came with what is read; -1: none */
} Client;

struct Control {
  ControlActions actions;
  Client clients[CONTROL_CLIENTS_MAX];
  int listen_fd;
  char *path;
  gboolean had_owner;
  unsigned told[SIM_FAULT_COUNT];
};

gboolean control_parse_fault(const char *spec, SimFaultKind *kind, guint32 *number)
{
  g_auto(GStrv) parts = g_strsplit(spec, "=", 2);
  const char *digits = parts[0] ? parts[1] : NULL;
  gboolean is_hex = digits && g_ascii_strncasecmp(digits, "0x", 2) == 0;
  guint64 wide;

  *kind = 0;
  while (*kind < SIM_FAULT_COUNT && g_strcmp0(parts[0], sim_fault_name(*kind)) != 0)
    (*kind)++;
  if (*kind == SIM_FAULT_COUNT || !digits ||
      !g_ascii_string_to_unsigned(is_hex ? digits + 2 : digits, is_hex ? 16 : 10, 0, G_MAXUINT32,
                                  &wide, NULL))
    return FALSE;
  *number = (guint32)wide;
  return TRUE;
}

Control *control_new(const ControlActions *actions)
{
  Control *control = g_new0(Control, 1);

  control->actions = *actions;
  control->listen_fd = -1;
  for (unsigned n = 0; n < CONTROL_CLIENTS_MAX; n++)
    control->clients[n] = (Client){.fd = -1, .passed_fd = -1};
  return control;
}

static void hang_up(Client *client)
{
  if (client->fd >= 0)
    close(client->fd);
  if (client->passed_fd >= 0)
    close(client->passed_fd);
  *client = (Client){.fd = -1, .passed_fd = -1};
}

void control_free(Control *control)
{
  for (unsigned n = 0; n < CONTROL_CLIENTS_MAX; n++)
    hang_up(&control->clients[n]);
  if (control->listen_fd >= 0) {
    close(control->listen_fd);
    g_unlink(control->path);
  }
  g_free(control->path);
  g_free(control);
}

static gboolean is_gone(const Client *client)
{
  char byte;

  return recv(client->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static gboolean add_client(Control *control, int fd, gboolean is_owner)
{
  for (unsigned n = 0; n < CONTROL_CLIENTS_MAX; n++) {
    if (control->clients[n].fd >= 0 && is_gone(&control->clients[n]))
      hang_up(&control->clients[n]);
    if (control->clients[n].fd >= 0)
      continue;
    g_unix_set_fd_nonblocking(fd, TRUE, NULL);
    control->clients[n] = (Client){.fd = fd, .passed_fd = -1, .is_owner = is_owner};
    return TRUE;
  }
  return FALSE;
}

void control_add_owner(Control *control, int fd)
{
  control->had_owner = add_client(control, fd, TRUE);
}

static gboolean set_errno(GError **error, int number, const char *path)
{
  g_set_error(error, G_IO_ERROR, (int)g_io_error_from_errno(number), "%s: %s", path,
              g_strerror(number));
  return FALSE;
}

/* A socket that a substation left behind, and nothing else. */
static void remove_left_over(const char *path, const struct sockaddr_un *address)
{
  GStatBuf status;
  int fd;

  if (g_lstat(path, &status) < 0 || !S_ISSOCK(status.st_mode))
    return;
  fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return;
  if (connect(fd, (const struct sockaddr *)address, sizeof *address) < 0 && errno == ECONNREFUSED)
    g_unlink(path);
  close(fd);
}

gboolean control_listen(Control *control, const char *path, GError **error)
{
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  mode_t mask;
  int fd, failed;

  if (strlen(path) >= sizeof address.sun_path)
    return set_errno(error, ENAMETOOLONG, path);
  memcpy(address.sun_path, path, strlen(path) + 1);
  remove_left_over(path, &address);
  fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0)
    return set_errno(error, errno, path);
  mask = umask(0077);
  failed = bind(fd, (const struct sockaddr *)&address, sizeof address) < 0 ||
                   listen(fd, CONTROL_CLIENTS_MAX) < 0
               ? errno
               : 0;
  umask(mask);
  if (failed != 0) {
    close(fd);
    return set_errno(error, failed, path);
  }
  control->listen_fd = fd;
  control->path = g_strdup(path);
  return TRUE;
}

unsigned control_fill_poll(const Control *control, struct pollfd fds[CONTROL_POLL_MAX])
{
  unsigned count = 0;

  if (control->listen_fd >= 0)
    fds[count++] = (struct pollfd){.fd = control->listen_fd, .events = POLLIN};
  for (unsigned n = 0; n < CONTROL_CLIENTS_MAX; n++)
    if (control->clients[n].fd >= 0)
      fds[count++] = (struct pollfd){.fd = control->clients[n].fd, .events = POLLIN};
  return count;
}

/* Whoever does not read is hung up. */
static void say(Client *client, const char *text)
{
  gsize length = strlen(text);

  if (client->fd >= 0 && send(client->fd, text, length, MSG_NOSIGNAL) != (gssize)length)
    hang_up(client);
}

static char *dup_status(const Control *control)
{
  SimSubstation *substation = control->actions.substation;
  gboolean powered = sim_chip_is_powered(sim_substation_get_chip(substation));
  GString *text = g_string_new(NULL);

  g_string_printf(text, "ok power=%s cable=%s", powered ? "on" : "off",
                  sim_substation_is_plugged(substation) ? "plugged" : "pulled");
  for (SimFaultKind kind = 0; kind < SIM_FAULT_COUNT; kind++)
    g_string_append_printf(text, " %s=%u", sim_fault_name(kind),
                           sim_substation_count_fired(substation, kind));
  g_string_append_c(text, '\n');
  return g_string_free(text, FALSE);
}

static char *dup_added(const Control *control, const char *spec)
{
  SimFaultKind kind;
  guint32 number;

  if (!control_parse_fault(spec, &kind, &number))
    return g_strdup("error this is no fault\n");
  if (!sim_substation_add_fault_now(control->actions.substation, kind, number))
    return g_strdup("error this number is not taken, or there are too many faults\n");
  return g_strdup("ok\n");
}

static char *dup_reset(const Control *control)
{
  g_autoptr(GError) error = NULL;

  if (control->actions.reset(control->actions.user_data, &error))
    return g_strdup("ok\n");
  return g_strdup_printf("error %s\n", error->message);
}

static char *dup_line_taken(const Control *control, Client *client)
{
  if (client->passed_fd < 0)
    return g_strdup("error no descriptor came with it\n");
  if (!sim_substation_is_plugged(control->actions.substation)) {
    close(client->passed_fd);
    client->passed_fd = -1;
    return g_strdup("error the cable is pulled\n");
  }
  control->actions.take_line(control->actions.user_data, client->passed_fd);
  client->passed_fd = -1;
  return g_strdup("ok\n");
}

/* At once, or one that is in again right away would never have been pulled. */
static void set_plugged(Control *control, gboolean plugged)
{
  sim_substation_set_plugged(control->actions.substation, plugged);
  control->actions.follow_cable(control->actions.user_data);
}

/* The answer to a command; free with g_free. */
static char *obey(Control *control, Client *client, const char *command)
{
  SimSubstation *substation = control->actions.substation;

  if (g_str_has_prefix(command, "fault "))
    return dup_added(control, command + strlen("fault "));
  if (g_str_equal(command, "status"))
    return dup_status(control);
  if (g_str_equal(command, "factory"))
    return dup_reset(control);
  if (g_str_equal(command, "line"))
    return dup_line_taken(control, client);
  if (g_str_equal(command, "clear"))
    sim_substation_clear_faults(substation);
  else if (g_str_equal(command, "unplug") || g_str_equal(command, "plug"))
    set_plugged(control, g_str_equal(command, "plug"));
  else if (g_str_equal(command, "power on") || g_str_equal(command, "power off"))
    sim_substation_set_power(substation, g_str_equal(command, "power on"));
  else if (g_str_equal(command, "watch"))
    client->watches = TRUE;
  else
    return g_strdup("error this is no command\n");
  return g_strdup("ok\n");
}

/* What has happened comes before the answer to what is asked behind it. */
static void tell_fired(Control *control)
{
  for (SimFaultKind kind = 0; kind < SIM_FAULT_COUNT; kind++) {
    unsigned count = sim_substation_count_fired(control->actions.substation, kind);
    g_autofree char *text = NULL;

    if (count == control->told[kind])
      continue;
    control->told[kind] = count;
    text = g_strdup_printf("fired %s %u\n", sim_fault_name(kind), count);
    for (unsigned n = 0; n < CONTROL_CLIENTS_MAX; n++)
      if (control->clients[n].watches)
        say(&control->clients[n], text);
  }
}

static void obey_lines(Control *control, Client *client)
{
  char *end;

  while (client->fd >= 0 && (end = memchr(client->line, '\n', client->length))) {
    gsize used = (gsize)(end - client->line) + 1;
    g_autofree char *command = g_strndup(client->line, used - 1);
    g_autofree char *answer = obey(control, client, g_strchomp(command));

    memmove(client->line, end + 1, client->length - used);
    client->length -= used;
    tell_fired(control);
    say(client, answer);
  }
  if (client->length == sizeof client->line)
    hang_up(client);
}

/* The last one: room for alignment lets a second in. */
static void keep_descriptor(Client *client, struct msghdr *message)
{
  for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header;
       header = CMSG_NXTHDR(message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
      continue;
    for (gsize at = CMSG_LEN(0); at + sizeof(int) <= header->cmsg_len; at += sizeof(int)) {
      if (client->passed_fd >= 0)
        close(client->passed_fd);
      memcpy(&client->passed_fd, (const char *)header + at, sizeof client->passed_fd);
    }
  }
}

/* FALSE when there is nothing to read now. */
static gboolean read_client(Client *client)
{
  union {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr alignment;
  } passed;
  struct iovec part = {.iov_base = client->line + client->length,
                       .iov_len = sizeof client->line - client->length};
  struct msghdr message = {.msg_iov = &part,
                           .msg_iovlen = 1,
                           .msg_control = passed.bytes,
                           .msg_controllen = sizeof passed.bytes};
  gssize length = recvmsg(client->fd, &message, MSG_CMSG_CLOEXEC);

  if (length < 0 && (errno == EAGAIN || errno == EINTR))
    return FALSE;
  if (length <= 0) {
    hang_up(client);
    return FALSE;
  }
  client->length += (gsize)length;
  keep_descriptor(client, &message);
  return TRUE;
}

static void accept_clients(Control *control)
{
  int fd;

  while (control->listen_fd >= 0 &&
         (fd = accept4(control->listen_fd, NULL, NULL, SOCK_CLOEXEC)) >= 0)
    if (!add_client(control, fd, FALSE))
      close(fd);
}

gboolean control_run(Control *control)
{
  gboolean has_owner = FALSE;

  for (unsigned n = 0; n < CONTROL_CLIENTS_MAX; n++) {
    Client *client = &control->clients[n];

    while (client->fd >= 0 && read_client(client))
      obey_lines(control, client);
    has_owner |= client->fd >= 0 && client->is_owner;
  }
  accept_clients(control);
  tell_fired(control);
  return has_owner || !control->had_owner;
}
