/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Reading and writing a descriptor that may go away at any time. */

#include "sy-fd-link.h"

#include "sy-tty-rate.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

typedef struct {
  int fd;
  gboolean close_fd;
} SyFdLinkPrivate;

G_DEFINE_TYPE_WITH_PRIVATE(SyFdLink, sy_fd_link, SY_TYPE_LINK)

enum { PROP_0, PROP_FD, PROP_CLOSE_FD };

static SyFdLinkPrivate *get_private(SyLink *link)
{
  return sy_fd_link_get_instance_private(SY_FD_LINK(link));
}

static int sy_fd_link_get_fd_impl(SyLink *link)
{
  return get_private(link)->fd;
}

static void set_trouble(GError **error, SyLinkError code, SyTroubleKind kind, const char *port)
{
  g_autoptr(SyTrouble) trouble = sy_trouble_find(kind, port, NULL);

  g_propagate_error(error, sy_link_error_new(code, trouble));
}

static void set_lost(GError **error)
{
  set_trouble(error, SY_LINK_ERROR_LOST, SY_TROUBLE_GONE, NULL);
}

/* A terminal that is gone is readable for ever, and then there is nothing. Whatever poll tells but
 * bytes that can be read is the end: were it taken for "nothing now", the caller's poll would come
 * back at once, again and again. */
static gssize sy_fd_link_read_impl(SyLink *link, guint8 *bytes, gsize room, GError **error)
{
  struct pollfd state = {.fd = get_private(link)->fd, .events = POLLIN};

  if (poll(&state, 1, 0) <= 0 || state.revents == 0)
    return 0;

  gssize length = read(state.fd, bytes, room);

  if (length > 0)
    return length;
  if (length < 0 && errno == EINTR)
    return 0;
  /* Somebody else who has it open was quicker. */
  if (length < 0 && errno == EAGAIN && !(state.revents & (POLLHUP | POLLERR | POLLNVAL)))
    return 0;
  set_lost(error);
  return -1;
}

static gssize sy_fd_link_write_impl(SyLink *link, const guint8 *bytes, gsize length, GError **error)
{
  gssize written = write(get_private(link)->fd, bytes, length);

  if (written >= 0)
    return written;
  if (errno == EAGAIN || errno == EINTR)
    return 0;
  set_lost(error);
  return -1;
}

static guint sy_fd_link_set_rate_impl(SyLink *link, guint baud)
{
  return sy_tty_set_rate(get_private(link)->fd, baud);
}

/* Closing would wait half a minute for what a stopped line does not take. Nobody waits for an
 * answer any more. Flushing a pty would take from its other end what was sent long ago; it has
 * nothing unsent. */
static void drop_unsent(int fd)
{
  int unsent = 0;

  if (ioctl(fd, TIOCOUTQ, &unsent) == 0 && unsent > 0)
    tcflush(fd, TCOFLUSH);
}

/* Closing alone does not end a serial port's exclusiveness while somebody else has it open. */
static void sy_fd_link_dispose(GObject *object)
{
  SyFdLinkPrivate *self = get_private(SY_LINK(object));

  if (self->fd >= 0) {
    drop_unsent(self->fd);
    ioctl(self->fd, TIOCNXCL);
  }
  G_OBJECT_CLASS(sy_fd_link_parent_class)->dispose(object);
}

static void sy_fd_link_finalize(GObject *object)
{
  SyFdLinkPrivate *self = get_private(SY_LINK(object));

  if (self->close_fd && self->fd >= 0)
    close(self->fd);
  G_OBJECT_CLASS(sy_fd_link_parent_class)->finalize(object);
}

static void sy_fd_link_set_property(GObject *object, guint id, const GValue *value,
                                    GParamSpec *pspec)
{
  SyFdLinkPrivate *self = get_private(SY_LINK(object));

  if (id == PROP_FD)
    self->fd = g_value_get_int(value);
  else if (id == PROP_CLOSE_FD)
    self->close_fd = g_value_get_boolean(value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
}

static void sy_fd_link_class_init(SyFdLinkClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS(klass);
  SyLinkClass *link_class = SY_LINK_CLASS(klass);
  const GParamFlags flags = G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  object_class->dispose = sy_fd_link_dispose;
  object_class->finalize = sy_fd_link_finalize;
  object_class->set_property = sy_fd_link_set_property;
  link_class->get_fd = sy_fd_link_get_fd_impl;
  link_class->read = sy_fd_link_read_impl;
  link_class->write = sy_fd_link_write_impl;
  link_class->set_rate = sy_fd_link_set_rate_impl;
  g_object_class_install_property(object_class, PROP_FD,
                                  g_param_spec_int("fd", NULL, NULL, -1, G_MAXINT, -1, flags));
  g_object_class_install_property(object_class, PROP_CLOSE_FD,
                                  g_param_spec_boolean("close-fd", NULL, NULL, TRUE, flags));
}

static void sy_fd_link_init(SyFdLink *self)
{
  (void)self;
}

void sy_fd_link_set_open_error(GError **error, int error_number, const char *port)
{
  switch (error_number) {
  case ENOENT:
  case ENODEV:
  case ENXIO:
    set_trouble(error, SY_LINK_ERROR_ABSENT, SY_TROUBLE_ABSENT, port);
    break;
  case EACCES:
  case EPERM:
    set_trouble(error, SY_LINK_ERROR_DENIED, SY_TROUBLE_DENIED, port);
    break;
  case EBUSY:
    set_trouble(error, SY_LINK_ERROR_BUSY, SY_TROUBLE_BUSY, port);
    break;
  default:
    g_set_error(error, SY_LINK_ERROR, SY_LINK_ERROR_FAILED, _("%s cannot be opened: %s"), port,
                g_strerror(error_number));
  }
}

void sy_fd_link_make_raw(int fd)
{
  struct termios settings;

  if (tcgetattr(fd, &settings) < 0)
    return;
  cfmakeraw(&settings);
  settings.c_iflag &= ~(tcflag_t)(IXOFF | IXANY | INPCK);
  settings.c_cflag &= ~(tcflag_t)(CSTOPB | CRTSCTS);
  settings.c_cflag |= CLOCAL | CREAD; /* there is no modem whose carrier ends the line */
  cfsetspeed(&settings, B115200);
  tcsetattr(fd, TCSANOW, &settings);
  tcflush(fd, TCIFLUSH);
}

/* The kernel gives the lock back however the program ends. */
gboolean sy_fd_link_lock(int fd, const char *port, GError **error)
{
  if (flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK) {
    sy_fd_link_set_open_error(error, EBUSY, port);
    return FALSE;
  }
  return TRUE;
}

/* Whether somebody holds the lock. Root may open even what is exclusive, and opening alone turns
 * DTR and RTS on under the hands of who has the port: so this is asked before. */
static gboolean is_locked(const char *path)
{
  g_autofree char *locks = NULL;
  g_autofree char *file = NULL;
  g_auto(GStrv) lines = NULL;
  struct stat status;

  if (access(path, R_OK | W_OK) < 0 || stat(path, &status) < 0 ||
      !g_file_get_contents("/proc/locks", &locks, NULL, NULL))
    return FALSE;
  file = g_strdup_printf(" %02x:%02x:%lu ", major(status.st_dev), minor(status.st_dev),
                         (gulong)status.st_ino);
  lines = g_strsplit(locks, "\n", -1);
  for (char **line = lines; *line; line++)
    if (strstr(*line, " FLOCK ") && strstr(*line, file))
      return TRUE;
  return FALSE;
}

int sy_fd_link_open_path(const char *path, GError **error)
{
  int fd;

  if (is_locked(path)) {
    sy_fd_link_set_open_error(error, EBUSY, path);
    return -1;
  }
  fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) {
    sy_fd_link_set_open_error(error, errno, path);
    return -1;
  }
  if (!isatty(fd)) {
    g_set_error(error, SY_LINK_ERROR, SY_LINK_ERROR_FAILED, _("%s is no terminal or serial port"),
                path);
    close(fd);
    return -1;
  }
  if (!sy_fd_link_lock(fd, path, error)) {
    close(fd);
    return -1;
  }
  return fd;
}
