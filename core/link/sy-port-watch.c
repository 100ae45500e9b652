/* SPDX-License-Identifier: GPL-3.0-or-later */

/* News of the folders of devices. Not GFileMonitor's: it would wake for each byte that any program
 * writes to any device, our own included. */

#include "sy-port-watch.h"

#include "sy-locate.h"

#include <glib-unix.h>
#include <sys/inotify.h>
#include <unistd.h>

enum {
  BURST_MS = 20, /* a plugged-in adapter makes a node, its rights and its links one by one */
  POLL_MS = 3000,
  POLL_UNTOLD_MS = 500,
};

struct _SyPortWatch {
  GObject parent_instance;

  int fd; /* -1: the kernel gave none */
  gboolean told;
  guint fd_source, burst_source, poll_source;
};

static guint changed_signal;

G_DEFINE_FINAL_TYPE(SyPortWatch, sy_port_watch, G_TYPE_OBJECT)

/* FALSE when it is not there, or cannot be watched. */
static gboolean watch_folder(SyPortWatch *self, const char *path)
{
  /* Rights as well: udev gives a port to its group after it was made. */
  const guint32 news =
      IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF;

  return self->fd >= 0 && inotify_add_watch(self->fd, path, news | IN_ONLYDIR) >= 0;
}

/* Folders come and go: each that is there is watched, once, however often this is called. */
static void watch_folders(SyPortWatch *self)
{
  static const char *const below[] = {"serial", "serial/by-id", "serial/by-path"};

  self->told = watch_folder(self, sy_locate_devices());
  for (guint n = 0; n < G_N_ELEMENTS(below); n++) {
    g_autofree char *path = g_build_filename(sy_locate_devices(), below[n], NULL);

    watch_folder(self, path);
  }
}

/* Whoever looks now sees all that was there before the folders were watched. */
static void tell(SyPortWatch *self)
{
  watch_folders(self);
  g_signal_emit(self, changed_signal, 0);
}

static gboolean on_burst_over(gpointer user_data)
{
  g_autoptr(SyPortWatch) self = g_object_ref(user_data); /* who is told may drop it */

  self->burst_source = 0;
  tell(self);
  return G_SOURCE_REMOVE;
}

static gboolean on_news(gint fd, GIOCondition condition, gpointer user_data)
{
  SyPortWatch *self = user_data;
  char news[4096];

  (void)condition;
  while (read(fd, news, sizeof news) > 0)
    continue; /* that there are any is enough: all is looked at */
  if (self->burst_source == 0)
    self->burst_source = g_timeout_add(BURST_MS, on_burst_over, self);
  return G_SOURCE_CONTINUE;
}

static gboolean on_poll(gpointer user_data);

static void expect_poll(SyPortWatch *self)
{
  const char *wanted = g_getenv("SWITCHYARD_PORT_POLL_MS");
  guint usual = self->told ? POLL_MS : POLL_UNTOLD_MS;
  guint ms = wanted ? (guint)g_ascii_strtoull(wanted, NULL, 10) : usual;

  if (ms > 0)
    self->poll_source = g_timeout_add(ms, on_poll, self);
}

static gboolean on_poll(gpointer user_data)
{
  g_autoptr(SyPortWatch) self = g_object_ref(user_data);

  self->poll_source = 0;
  expect_poll(self);
  tell(self);
  return G_SOURCE_REMOVE;
}

static void sy_port_watch_dispose(GObject *object)
{
  SyPortWatch *self = SY_PORT_WATCH(object);

  g_clear_handle_id(&self->fd_source, g_source_remove);
  g_clear_handle_id(&self->burst_source, g_source_remove);
  g_clear_handle_id(&self->poll_source, g_source_remove);
  if (self->fd >= 0)
    close(self->fd);
  self->fd = -1;
  G_OBJECT_CLASS(sy_port_watch_parent_class)->dispose(object);
}

static void sy_port_watch_class_init(SyPortWatchClass *klass)
{
  G_OBJECT_CLASS(klass)->dispose = sy_port_watch_dispose;
  changed_signal = g_signal_new("changed", SY_TYPE_PORT_WATCH, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 0);
}

static void sy_port_watch_init(SyPortWatch *self)
{
  self->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  if (self->fd >= 0)
    self->fd_source = g_unix_fd_add(self->fd, G_IO_IN, on_news, self);
  watch_folders(self);
  expect_poll(self);
}

SyPortWatch *sy_port_watch_new(void)
{
  return g_object_new(SY_TYPE_PORT_WATCH, NULL);
}

gboolean sy_port_watch_is_told(SyPortWatch *self)
{
  g_return_val_if_fail(SY_IS_PORT_WATCH(self), FALSE);

  return self->told;
}
