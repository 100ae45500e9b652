/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Lines to a file, at once. */

#include "sy-journal.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

enum { OLD_NAMES_MAX = 100 }; /* tried until one is new */

struct _SyJournal {
  char *folder;
  char *version;
  char *port;
  gint64 start_us;
  guint part; /* of the file at hand, from 1 */
  char *path;
  int fd; /* -1: there is none */
  gint64 length;
  guint64 missing; /* lines that could not be written since one was */
};

/* ---- A line ---- */

static void append_string(GString *to, const char *key, const char *value)
{
  g_autofree char *valid = g_utf8_make_valid(value, -1);

  g_string_append_printf(to, "\"%s\":\"", key);
  for (const char *at = valid; *at; at++) {
    if (*at == '"' || *at == '\\')
      g_string_append_printf(to, "\\%c", *at);
    else if ((guchar)*at < ' ')
      g_string_append_printf(to, "\\u%04x", (guint)*at);
    else
      g_string_append_c(to, *at);
  }
  g_string_append_c(to, '"');
}

static void append_time(GString *to, const char *key, gint64 time_us)
{
  g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(time_us / G_USEC_PER_SEC);
  g_autoptr(GDateTime) local = g_date_time_to_local(utc);
  g_autofree char *seconds = g_date_time_format(local, "%Y-%m-%dT%H:%M:%S");
  g_autofree char *zone = g_date_time_format(local, "%:z");

  g_string_append_printf(to, "\"%s\":\"%s.%03d%s\"", key, seconds, (int)(time_us / 1000 % 1000),
                         zone);
}

void sy_journal_format(GString *to, const SyJournalLine *line)
{
  g_string_append_c(to, '{');
  append_time(to, "time", line->time_us);
  g_string_append_c(to, ',');
  append_string(to, "level", line->level);
  g_string_append_c(to, ',');
  append_string(to, "text", line->text);
  g_string_append_c(to, '}');
}

static void append_head(SyJournal *self, GString *to)
{
  g_string_append(to, "{\"journal\":1,\"program\":\"switchyard\",");
  append_string(to, "version", self->version);
  g_string_append_c(to, ',');
  append_string(to, "port", self->port);
  g_string_append_c(to, ',');
  append_time(to, "start", self->start_us);
  g_string_append_printf(to, ",\"part\":%u}\n", self->part);
}

/* ---- The folder ---- */

char *sy_journal_dup_folder(void)
{
  return g_build_filename(g_get_user_state_dir(), "switchyard", "log", NULL);
}

typedef struct {
  char *path;
  gint64 written_us;
} Kept;

static void clear_kept(gpointer kept)
{
  g_free(((Kept *)kept)->path);
}

static gint compare_written(gconstpointer a, gconstpointer b)
{
  const Kept *one = a, *other = b;

  if (one->written_us != other->written_us)
    return one->written_us < other->written_us ? -1 : 1;
  return strcmp(one->path, other->path);
}

/* What else lies in the folder is somebody's, and stays. */
static gboolean is_our_name(const char *name)
{
  return g_regex_match_simple("^\\d{8}-\\d{6}-[\\w.-]+-\\d+\\.jsonl\\z", name, G_REGEX_DEFAULT,
                              G_REGEX_MATCH_DEFAULT);
}

static void forget_oldest(SyJournal *self)
{
  g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(Kept));
  g_autoptr(GDir) folder = g_dir_open(self->folder, 0, NULL);
  const char *name;

  g_array_set_clear_func(list, clear_kept);
  while (folder && (name = g_dir_read_name(folder))) {
    g_autofree char *path = g_build_filename(self->folder, name, NULL);
    GStatBuf info;

    if (is_our_name(name) && g_strcmp0(path, self->path) != 0 && g_lstat(path, &info) == 0 &&
        S_ISREG(info.st_mode)) {
      Kept kept = {
          .path = g_steal_pointer(&path),
          .written_us = info.st_mtim.tv_sec * G_USEC_PER_SEC + info.st_mtim.tv_nsec / 1000,
      };

      g_array_append_val(list, kept);
    }
  }
  g_array_sort(list, compare_written);
  for (guint i = 0; i + SY_JOURNAL_FILES_MAX - 1 < list->len; i++)
    g_unlink(g_array_index(list, Kept, i).path);
}

/* ---- The file ---- */

/* "20261122-141503-ttyUSB0-1.jsonl": names in the order of their starts. */
static char *dup_path(SyJournal *self, guint number)
{
  g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(self->start_us / G_USEC_PER_SEC);
  g_autoptr(GDateTime) local = g_date_time_to_local(utc);
  g_autofree char *start = g_date_time_format(local, "%Y%m%d-%H%M%S");
  g_autofree char *port = g_path_get_basename(self->port);
  g_autofree char *name = NULL;

  /* A port may be any text that a person typed. */
  g_strcanon(port, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "._-", '_');
  name = g_strdup_printf("%s-%.64s-%u.jsonl", start, port, number);
  return g_build_filename(self->folder, name, NULL);
}

static gboolean fail(int code, GError **error)
{
  g_set_error(error, G_IO_ERROR, g_io_error_from_errno(code), "%s", g_strerror(code));
  return FALSE;
}

static void close_file(SyJournal *self)
{
  if (self->fd >= 0)
    close(self->fd);
  self->fd = -1;
  g_clear_pointer(&self->path, g_free);
}

/* All or nothing: half a line would spoil the next. */
static gboolean write_all(SyJournal *self, const GString *text, GError **error)
{
  for (gsize done = 0; done < text->len;) {
    gssize wrote = write(self->fd, text->str + done, text->len - done);

    if (wrote < 0 && errno != EINTR) {
      int code = errno;

      if (done > 0 && ftruncate(self->fd, self->length) != 0)
        close_file(self); /* the next append begins another */
      return fail(code, error);
    }
    done += wrote > 0 ? (gsize)wrote : 0;
  }
  self->length += (gint64)text->len;
  return TRUE;
}

static gboolean open_file(SyJournal *self, GError **error)
{
  g_autoptr(GString) head = g_string_new(NULL);

  if (g_mkdir_with_parents(self->folder, 0700) != 0)
    return fail(errno, error);
  close_file(self);
  /* Another window of this very second has names of its own. */
  for (guint n = 1; n <= OLD_NAMES_MAX && self->fd < 0; n++) {
    g_autofree char *path = dup_path(self, self->part + n);

    self->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (self->fd < 0 && errno != EEXIST)
      return fail(errno, error);
    if (self->fd >= 0)
      self->path = g_steal_pointer(&path);
  }
  if (self->fd < 0)
    return fail(EEXIST, error);
  self->length = 0;
  self->part++;
  append_head(self, head);
  if (!write_all(self, head, error)) {
    if (self->path)
      g_unlink(self->path);
    self->part--;
    close_file(self);
    return FALSE;
  }
  forget_oldest(self);
  return TRUE;
}

/* ---- All of it ---- */

SyJournal *sy_journal_new(const char *folder, const char *version, const char *port)
{
  SyJournal *self = g_new0(SyJournal, 1);

  self->folder = folder ? g_strdup(folder) : sy_journal_dup_folder();
  self->version = g_strdup(version);
  self->port = g_strdup(port);
  self->start_us = g_get_real_time();
  self->fd = -1;
  return self;
}

void sy_journal_free(SyJournal *self)
{
  g_return_if_fail(self);

  close_file(self);
  g_free(self->folder);
  g_free(self->version);
  g_free(self->port);
  g_free(self);
}

const char *sy_journal_get_path(SyJournal *self)
{
  g_return_val_if_fail(self, NULL);

  return self->path;
}

static void append_missing(SyJournal *self, GString *text, gint64 time_us)
{
  g_autofree char *words = g_strdup_printf(
      g_dngettext(GETTEXT_PACKAGE, "%lu line is missing here: it could not be written",
                  "%lu lines are missing here: they could not be written", (gulong)self->missing),
      (gulong)self->missing);
  const SyJournalLine line = {.time_us = time_us, .level = "warning", .text = words};

  sy_journal_format(text, &line);
  g_string_append_c(text, '\n');
}

/* Somebody may have tidied the folder up meanwhile: what has no name is not kept. */
static gboolean is_there(SyJournal *self)
{
  struct stat info;

  return self->fd >= 0 && fstat(self->fd, &info) == 0 && info.st_nlink > 0;
}

gboolean sy_journal_append(SyJournal *self, const SyJournalLine *lines, guint count, GError **error)
{
  g_autoptr(GString) text = g_string_new(NULL);

  g_return_val_if_fail(self, FALSE);

  if (count == 0)
    return TRUE;
  if (self->missing > 0)
    append_missing(self, text, lines[0].time_us);
  for (guint i = 0; i < count; i++) {
    sy_journal_format(text, &lines[i]);
    g_string_append_c(text, '\n');
  }
  if ((is_there(self) && self->length + (gint64)text->len <= SY_JOURNAL_BYTES_MAX) ||
      open_file(self, error))
    if (write_all(self, text, error)) {
      self->missing = 0;
      return TRUE;
    }
  self->missing += count;
  return FALSE;
}
