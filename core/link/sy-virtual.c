/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The workstation's end of a virtual substation's control channel. */

#include "sy-virtual.h"

#include "sy-fd-link.h"
#include "sy-link-private.h"

#include <errno.h>
#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct _SyVirtual {
  GObject parent_instance;

  GMainContext *context;
  GHashTable *fired; /* kind to count */
  GString *heard;    /* not yet a whole line */
  gboolean told_plugged;

  GMutex mutex; /* for what follows: a link is opened by another thread */
  int fd;       /* -1: no process */
  GSource *source;
  gboolean plugged;
  GQueue answers; /* that are to come: the GTask that waits for one, or NULL */
  char *refused;  /* why the last command was, until somebody asks */
};

enum { PROP_0, PROP_PLUGGED, N_PROPS };

static GParamSpec *properties[N_PROPS];
static guint fault_fired;

G_DEFINE_FINAL_TYPE(SyVirtual, sy_virtual, G_TYPE_OBJECT)

static void tell_plugged(SyVirtual *self)
{
  if (self->told_plugged == sy_virtual_get_plugged(self))
    return;
  self->told_plugged = !self->told_plugged;
  g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_PLUGGED]);
}

static void fail_task(gpointer task)
{
  if (!task)
    return;
  g_task_return_new_error(task, SY_LINK_ERROR, SY_LINK_ERROR_LOST, "%s",
                          _("The virtual substation does not run"));
  g_object_unref(task);
}

/* The next link starts another. */
static void end_process(SyVirtual *self)
{
  GQueue unanswered;

  g_mutex_lock(&self->mutex);
  if (self->source)
    g_source_destroy(self->source);
  g_clear_pointer(&self->source, g_source_unref);
  if (self->fd >= 0)
    close(self->fd);
  self->fd = -1;
  self->plugged = TRUE;
  unanswered = self->answers;
  g_queue_init(&self->answers);
  g_mutex_unlock(&self->mutex);
  g_string_truncate(self->heard, 0);
  g_hash_table_remove_all(self->fired);
  g_queue_clear_full(&unanswered, fail_task);
}

/* "noise 17" */
static void take_fired(SyVirtual *self, const char *news)
{
  g_auto(GStrv) words = g_strsplit(news, " ", 2);
  guint64 count;

  if (!words[0] || !words[1] ||
      !g_ascii_string_to_unsigned(words[1], 10, 0, G_MAXUINT, &count, NULL))
    return;
  g_hash_table_replace(self->fired, g_strdup(words[0]), GUINT_TO_POINTER((guint)count));
  if (g_str_equal(words[0], "unplug-block")) {
    g_mutex_lock(&self->mutex);
    self->plugged = FALSE;
    g_mutex_unlock(&self->mutex);
    tell_plugged(self);
  }
  g_signal_emit(self, fault_fired, 0, words[0], (guint)count);
}

static void take_answer(SyVirtual *self, const char *answer)
{
  GTask *task;
  g_autofree char *refused = NULL;

  g_mutex_lock(&self->mutex);
  task = g_queue_pop_head(&self->answers);
  if (g_str_has_prefix(answer, "error ")) {
    g_free(self->refused);
    self->refused = g_strdup(answer + strlen("error "));
  }
  if (task)
    refused = g_steal_pointer(&self->refused);
  g_mutex_unlock(&self->mutex);
  if (!task)
    return;
  if (refused)
    g_task_return_new_error(task, SY_LINK_ERROR, SY_LINK_ERROR_FAILED, "%s", refused);
  else
    g_task_return_boolean(task, TRUE);
  g_object_unref(task);
}

static void take_lines(SyVirtual *self)
{
  char *end;

  while ((end = strchr(self->heard->str, '\n'))) {
    g_autofree char *line = g_strndup(self->heard->str, (gsize)(end - self->heard->str));

    g_string_erase(self->heard, 0, end - self->heard->str + 1);
    if (g_str_has_prefix(line, "fired "))
      take_fired(self, line + strlen("fired "));
    else
      take_answer(self, line);
  }
}

static gboolean on_readable(gint fd, GIOCondition condition, gpointer user_data)
{
  g_autoptr(SyVirtual) self = g_object_ref(user_data);
  char bytes[4096];
  gssize length = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);

  (void)condition;
  if (length < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;
  if (length <= 0) {
    end_process(self);
    tell_plugged(self);
    return G_SOURCE_REMOVE;
  }
  g_string_append_len(self->heard, bytes, length);
  take_lines(self);
  return G_SOURCE_CONTINUE;
}

/* The mutex is held. Takes the task; `passed_fd` -1: none. A process that is gone is noticed by its
 * end of the channel. */
static void say(SyVirtual *self, const char *command, int passed_fd, GTask *task)
{
  union {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr alignment;
  } passed = {{0}};
  struct iovec part = {.iov_base = (char *)command, .iov_len = strlen(command)};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

  if (passed_fd >= 0) {
    struct cmsghdr *header;

    message.msg_control = passed.bytes;
    message.msg_controllen = sizeof passed.bytes;
    header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof passed_fd);
    memcpy(CMSG_DATA(header), &passed_fd, sizeof passed_fd);
  }
  g_queue_push_tail(&self->answers, task);
  if (sendmsg(self->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) != (gssize)part.iov_len)
    shutdown(self->fd, SHUT_RDWR);
}

/* The mutex is held. */
static gboolean start(SyVirtual *self, GError **error)
{
  int ends[2];

  if (self->fd >= 0)
    return TRUE;
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
    g_set_error_literal(error, SY_LINK_ERROR, SY_LINK_ERROR_FAILED, g_strerror(errno));
    return FALSE;
  }
  if (!sy_virtual_link_spawn("--control-fd", ends[1], error)) {
    close(ends[0]);
    return FALSE;
  }
  self->fd = ends[0];
  self->source = g_unix_fd_source_new(self->fd, G_IO_IN);
  g_source_set_callback(self->source, G_SOURCE_FUNC(on_readable), self, NULL);
  g_source_attach(self->source, self->context);
  say(self, "watch\n", -1, NULL);
  return TRUE;
}

static SyLink *connect_line(SyVirtual *self, GError **error)
{
  int ends[2];

  if (!self->plugged) {
    g_set_error_literal(error, SY_LINK_ERROR, SY_LINK_ERROR_ABSENT,
                        _("The cable of the virtual substation is pulled. Plug it in again on the "
                          "Drills page."));
    return NULL;
  }
  if (!start(self, error) || !sy_virtual_link_open_pair(ends, error))
    return NULL;
  say(self, "line\n", ends[1], NULL);
  close(ends[1]);
  return g_object_new(SY_TYPE_FD_LINK, "fd", ends[0], NULL);
}

SyLink *sy_virtual_connect(SyVirtual *self, GError **error)
{
  SyLink *link;

  g_return_val_if_fail(SY_IS_VIRTUAL(self), NULL);

  g_mutex_lock(&self->mutex);
  link = connect_line(self, error);
  g_mutex_unlock(&self->mutex);
  return link;
}

static void command(SyVirtual *self, const char *text)
{
  g_mutex_lock(&self->mutex);
  if (self->fd >= 0)
    say(self, text, -1, NULL);
  g_mutex_unlock(&self->mutex);
}

void sy_virtual_add_fault(SyVirtual *self, const char *kind, guint number)
{
  g_autofree char *text = g_strdup_printf("fault %s=%u\n", kind, number);

  g_return_if_fail(SY_IS_VIRTUAL(self));

  command(self, text);
}

void sy_virtual_clear_faults(SyVirtual *self)
{
  g_return_if_fail(SY_IS_VIRTUAL(self));

  command(self, "clear\n");
}

guint sy_virtual_count_fired(SyVirtual *self, const char *kind)
{
  g_return_val_if_fail(SY_IS_VIRTUAL(self), 0);

  return GPOINTER_TO_UINT(g_hash_table_lookup(self->fired, kind));
}

static void set_plugged(SyVirtual *self, gboolean plugged)
{
  g_mutex_lock(&self->mutex);
  self->plugged = plugged;
  g_mutex_unlock(&self->mutex);
  tell_plugged(self);
}

void sy_virtual_set_plugged(SyVirtual *self, gboolean plugged)
{
  g_return_if_fail(SY_IS_VIRTUAL(self));

  command(self, plugged ? "plug\n" : "unplug\n");
  set_plugged(self, plugged);
}

gboolean sy_virtual_get_plugged(SyVirtual *self)
{
  gboolean plugged;

  g_return_val_if_fail(SY_IS_VIRTUAL(self), FALSE);

  g_mutex_lock(&self->mutex);
  plugged = self->plugged;
  g_mutex_unlock(&self->mutex);
  return plugged;
}

void sy_virtual_reset(SyVirtual *self)
{
  g_return_if_fail(SY_IS_VIRTUAL(self));

  command(self, "factory\n");
  set_plugged(self, TRUE);
}

void sy_virtual_sync_async(SyVirtual *self, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new(self, NULL, callback, user_data);

  g_task_set_source_tag(task, sy_virtual_sync_async);
  g_mutex_lock(&self->mutex);
  if (self->fd >= 0)
    say(self, "status\n", -1, g_steal_pointer(&task));
  g_mutex_unlock(&self->mutex);
  fail_task(task);
}

gboolean sy_virtual_sync_finish(SyVirtual *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail(g_task_is_valid(result, self), FALSE);

  return g_task_propagate_boolean(G_TASK(result), error);
}

static void sy_virtual_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_PLUGGED)
    g_value_set_boolean(value, sy_virtual_get_plugged(SY_VIRTUAL(object)));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
}

static void sy_virtual_finalize(GObject *object)
{
  SyVirtual *self = SY_VIRTUAL(object);

  end_process(self);
  g_hash_table_unref(self->fired);
  g_string_free(self->heard, TRUE);
  g_free(self->refused);
  g_main_context_unref(self->context);
  g_mutex_clear(&self->mutex);
  G_OBJECT_CLASS(sy_virtual_parent_class)->finalize(object);
}

static void sy_virtual_class_init(SyVirtualClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS(klass);

  object_class->get_property = sy_virtual_get_property;
  object_class->finalize = sy_virtual_finalize;
  properties[PROP_PLUGGED] =
      g_param_spec_boolean("plugged", NULL, NULL, TRUE,
                           G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties(object_class, N_PROPS, properties);
  fault_fired = g_signal_new("fault-fired", SY_TYPE_VIRTUAL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                             G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_UINT);
}

static void sy_virtual_init(SyVirtual *self)
{
  self->context = g_main_context_ref_thread_default();
  self->fired = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  self->heard = g_string_new(NULL);
  self->plugged = self->told_plugged = TRUE;
  self->fd = -1;
  g_queue_init(&self->answers);
  g_mutex_init(&self->mutex);
}

SyVirtual *sy_virtual_new(void)
{
  return g_object_new(SY_TYPE_VIRTUAL, NULL);
}
