/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The lines of a log that fit. They are referenced, so that a pause outlives their log's. */

#include "sy-log-private.h"

#include <string.h>

/* Lines that fit. */
typedef struct {
  GPtrArray *entries; /* of SyLogEntry, or NULL: gone already */
  GArray *numbers;    /* guint64 each: which line of the log it is, counted from the log's start */
  guint held;         /* that fit too, but a pause holds them back */
} Lines;

struct _SyLogFilter {
  GObject parent_instance;

  SyLogModel *log;
  SyLogLevel level;
  char *search;                      /* as it was typed … */
  gunichar *folded;                  /* … and made small; 0 at its end */
  char *plain;                       /* the same, when its letters are all ASCII */
  char rare_small[8], rare_large[8]; /* a letter of `folded` beyond ASCII, if there is one */
  Lines shown;                       /* from `first` on */
  guint first;                       /* those before are gone */
  Lines next;                        /* what will be shown; no entries: nothing else will */
  guint64 next_number;               /* the first line that was not looked at for it */
  GPtrArray *waste;                  /* lines that were shown, to be let go of */
  guint work_source;
  gboolean frozen;
  guint ahead;     /* of those shown, the first: nobody was told of them yet */
  guint untold;    /* of those shown, the last: as well */
  guint64 dropped; /* lines that the log has no more */
  gboolean paused;
  guint64 paused_at; /* lines from this number on are held back */
};

enum { PROP_0, PROP_STATUS, N_PROPS };
static GParamSpec *properties[N_PROPS];

/* Gone lines are cleared away when there are so many. As many lines as SLICE are looked at, or let
 * go of, in two or three milliseconds. A list of GTK has some 200 rows, seen or not, and needs a
 * quarter of a frame to build SCREENFUL of them: more come one after the other. */
enum { GONE_MAX = 4096, SLICE = 8192, SCREENFUL = 32, ROWS_MAX = 8 * SCREENFUL };

static GType sy_log_filter_get_item_type(GListModel *model)
{
  (void)model;
  return SY_TYPE_LOG_ENTRY;
}

static guint sy_log_filter_get_n_items(GListModel *model)
{
  SyLogFilter *self = SY_LOG_FILTER(model);

  return self->shown.entries->len - self->first - self->ahead - self->untold;
}

static gpointer sy_log_filter_get_item(GListModel *model, guint position)
{
  SyLogFilter *self = SY_LOG_FILTER(model);

  if (position >= sy_log_filter_get_n_items(model))
    return NULL;
  return g_object_ref(g_ptr_array_index(self->shown.entries, self->first + self->ahead + position));
}

static void list_model_init(GListModelInterface *iface)
{
  iface->get_item_type = sy_log_filter_get_item_type;
  iface->get_n_items = sy_log_filter_get_n_items;
  iface->get_item = sy_log_filter_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE(SyLogFilter, sy_log_filter, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(G_TYPE_LIST_MODEL, list_model_init))

/* ---- Does a line fit? ---- */

/* Text that is all ASCII is most of it, and this is eight times faster than going by characters. */
static gboolean has_plain(const char *text, const char *small)
{
  const char first = small[0];
  const char other = g_ascii_toupper(first);
  gsize length = strlen(small);

  for (; *text; text++)
    if ((*text == first || *text == other) && g_ascii_strncasecmp(text, small, length) == 0)
      return TRUE;
  return FALSE;
}

static gboolean begins_with(const char *text, const gunichar *small)
{
  for (; *small; small++, text = g_utf8_next_char(text))
    if (*text == '\0' || g_unichar_tolower(g_utf8_get_char(text)) != *small)
      return FALSE;
  return TRUE;
}

static gboolean has_letters(const char *text, const gunichar *small)
{
  for (; *text; text = g_utf8_next_char(text))
    if (begins_with(text, small))
      return TRUE;
  return FALSE;
}

static gboolean fits(SyLogFilter *self, const SyLogEntry *entry)
{
  if (entry->level < self->level)
    return FALSE;
  if (self->plain)
    return has_plain(entry->text, self->plain);
  if (!self->folded)
    return TRUE;
  /* Most lines have not even the letter that is rare. */
  if (!strstr(entry->text, self->rare_small) && !strstr(entry->text, self->rare_large))
    return FALSE;
  return has_letters(entry->text, self->folded);
}

/* ---- Following the log ---- */

static void unref_line(gpointer entry)
{
  if (entry) /* else it is gone already */
    g_object_unref(entry);
}

static void lines_init(Lines *lines)
{
  lines->entries = g_ptr_array_new_with_free_func(unref_line);
  lines->numbers = g_array_new(FALSE, FALSE, sizeof(guint64));
  lines->held = 0;
}

/* Lines of the log, from a position on, are taken, or held back. */
static void take_lines(SyLogFilter *self, Lines *to, guint position, guint count)
{
  for (guint i = 0; i < count; i++) {
    SyLogEntry *entry = sy_log_model_peek(self->log, position + i);
    guint64 number = self->dropped + position + i;

    if (!fits(self, entry))
      continue;
    if (self->paused && number >= self->paused_at) {
      to->held++;
    } else {
      g_ptr_array_add(to->entries, g_object_ref(entry));
      g_array_append_val(to->numbers, number);
    }
  }
}

static void tell_status(SyLogFilter *self)
{
  g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_STATUS]);
}

static guint count_lines(SyLogFilter *self)
{
  return self->log ? self->log->count : 0;
}

/* Lines were added behind those that were told. */
static void tell_added(SyLogFilter *self)
{
  guint told = sy_log_filter_get_n_items(G_LIST_MODEL(self));
  guint added = self->untold;

  if (self->frozen || added == 0)
    return;
  self->untold = 0;
  g_list_model_items_changed(G_LIST_MODEL(self), told, 0, added);
}

/* take_lines, as far as somebody is to be told. */
static void add_lines(SyLogFilter *self, guint position, guint count)
{
  guint before = self->shown.entries->len;

  take_lines(self, &self->shown, position, count);
  self->untold += self->shown.entries->len - before;
  tell_added(self);
}

/* Lines that the log has no more. In a pause they stay in sight, for it is them one looks at. */
static void drop_lines(SyLogFilter *self)
{
  GPtrArray *entries = self->shown.entries;
  GArray *numbers = self->shown.numbers;
  guint end = self->first;
  guint told = sy_log_filter_get_n_items(G_LIST_MODEL(self));
  guint count, unseen;

  while (end < numbers->len && g_array_index(numbers, guint64, end) < self->dropped)
    end++;
  if (end == self->first)
    return;
  for (guint i = self->first; i < end; i++)
    g_clear_object(&g_ptr_array_index(entries, i));
  count = end - self->first;
  unseen = MIN(count, self->ahead);
  count -= unseen;
  self->first = end;
  self->ahead -= unseen;
  self->untold -= count - MIN(count, told);
  if (MIN(count, told) > 0)
    g_list_model_items_changed(G_LIST_MODEL(self), 0, MIN(count, told), 0);
  if (self->first < GONE_MAX && self->first < entries->len)
    return;
  g_ptr_array_remove_range(entries, 0, self->first);
  g_array_remove_range(numbers, 0, self->first);
  self->first = 0;
}

/* ---- All of it anew ---- */

/* A hundred thousand lines take longer than a frame: they are looked at in slices, and so is let go
 * of those that were shown until then. Whoever shows them is told in pieces too, the newest lines
 * first: down to a screenful of the old ones, to one of the new, and then of what is above. */

static void discard(SyLogFilter *self, Lines *lines)
{
  if (!lines->entries)
    return;
  g_ptr_array_extend_and_steal(self->waste, g_steal_pointer(&lines->entries));
  g_clear_pointer(&lines->numbers, g_array_unref);
}

static void show_next(SyLogFilter *self)
{
  guint before = sy_log_filter_get_n_items(G_LIST_MODEL(self));
  guint present;

  discard(self, &self->shown);
  self->shown = self->next;
  self->next = (Lines){.entries = NULL};
  self->first = 0;
  self->ahead = self->shown.entries->len; /* all, so that those dropped meanwhile go unsaid */
  self->untold = 0;
  if (!self->paused)
    drop_lines(self);
  present = self->shown.entries->len - self->first;
  self->ahead = present - MIN(present, SCREENFUL);
  g_list_model_items_changed(G_LIST_MODEL(self), 0, before,
                             sy_log_filter_get_n_items(G_LIST_MODEL(self)));
  tell_status(self);
}

static void show_less(SyLogFilter *self)
{
  guint count = sy_log_filter_get_n_items(G_LIST_MODEL(self)) - SCREENFUL;

  self->ahead += count;
  g_list_model_items_changed(G_LIST_MODEL(self), 0, count, 0);
}

static void show_more(SyLogFilter *self)
{
  gboolean last = sy_log_filter_get_n_items(G_LIST_MODEL(self)) >= ROWS_MAX;
  guint count = last ? self->ahead : MIN(self->ahead, SCREENFUL);

  self->ahead -= count;
  g_list_model_items_changed(G_LIST_MODEL(self), 0, 0, count);
}

/* Returns whether all lines were looked at. */
static gboolean look_further(SyLogFilter *self)
{
  guint64 number = MAX(self->next_number, self->dropped);
  guint position = (guint)(number - self->dropped);
  guint count = MIN(count_lines(self) - position, SLICE);

  take_lines(self, &self->next, position, count);
  self->next_number = number + count;
  return position + count == count_lines(self);
}

static void work(SyLogFilter *self)
{
  gboolean many = sy_log_filter_get_n_items(G_LIST_MODEL(self)) > SCREENFUL;

  if (!self->next.entries)
    show_more(self);
  else if (look_further(self) && many)
    show_less(self);
  else if (!many && self->next_number == self->dropped + count_lines(self))
    show_next(self);
}

static gboolean is_working(SyLogFilter *self)
{
  return self->next.entries || self->ahead > 0;
}

static gboolean on_work(gpointer user_data)
{
  SyLogFilter *self = user_data;

  if (is_working(self))
    work(self);
  else
    g_ptr_array_set_size(self->waste, (int)(self->waste->len - MIN(self->waste->len, SLICE)));
  if (is_working(self) || self->waste->len > 0)
    return G_SOURCE_CONTINUE;
  self->work_source = 0;
  return G_SOURCE_REMOVE;
}

/* The first slice here and now: most logs are no longer than that. */
static void refilter(SyLogFilter *self)
{
  discard(self, &self->next);
  lines_init(&self->next);
  self->next_number = 0;
  work(self);
  if (self->work_source == 0)
    self->work_source = g_idle_add(on_work, self);
}

void sy_log_filter_finish(SyLogFilter *self)
{
  g_return_if_fail(SY_IS_LOG_FILTER(self));

  while (is_working(self))
    work(self);
}

static void on_log_changed(SyLogFilter *self, guint position, guint removed, guint added)
{
  if (removed > 0) {
    self->dropped += removed;
    if (!self->paused)
      drop_lines(self);
  }
  if (added == 0)
    return;
  if (!self->next.entries) /* else it looks at these too, in their turn */
    add_lines(self, position, added);
  tell_status(self);
}

/* ---- The object ---- */

static void leave_log(SyLogFilter *self)
{
  if (self->log)
    g_signal_handlers_disconnect_by_data(self->log, self);
  g_clear_object(&self->log);
}

static void sy_log_filter_dispose(GObject *object)
{
  SyLogFilter *self = SY_LOG_FILTER(object);

  g_clear_handle_id(&self->work_source, g_source_remove);
  leave_log(self);
  G_OBJECT_CLASS(sy_log_filter_parent_class)->dispose(object);
}

static void sy_log_filter_finalize(GObject *object)
{
  SyLogFilter *self = SY_LOG_FILTER(object);

  discard(self, &self->shown);
  discard(self, &self->next);
  g_ptr_array_unref(self->waste);
  g_free(self->search);
  g_free(self->folded);
  g_free(self->plain);
  G_OBJECT_CLASS(sy_log_filter_parent_class)->finalize(object);
}

/* It has no value that would be worth reading: what it stands for is asked by functions. */
static void sy_log_filter_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_STATUS)
    g_value_set_uint(value, sy_log_filter_get_held(SY_LOG_FILTER(object)));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
}

static void sy_log_filter_class_init(SyLogFilterClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS(klass);

  object_class->dispose = sy_log_filter_dispose;
  object_class->finalize = sy_log_filter_finalize;
  object_class->get_property = sy_log_filter_get_property;
  properties[PROP_STATUS] =
      g_param_spec_uint("status", NULL, NULL, 0, G_MAXUINT, 0,
                        G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties(object_class, N_PROPS, properties);
}

static void sy_log_filter_init(SyLogFilter *self)
{
  self->search = g_strdup("");
  self->waste = g_ptr_array_new_with_free_func(unref_line);
  lines_init(&self->shown);
}

SyLogFilter *sy_log_filter_new(void)
{
  return g_object_new(SY_TYPE_LOG_FILTER, NULL);
}

void sy_log_filter_set_log(SyLogFilter *self, GListModel *log)
{
  g_return_if_fail(SY_IS_LOG_FILTER(self));

  g_return_if_fail(!log || SY_IS_LOG_MODEL(log));

  if ((gpointer)self->log == (gpointer)log)
    return;
  leave_log(self);
  if (log) {
    self->log = SY_LOG_MODEL(g_object_ref(log));
    g_signal_connect_swapped(log, "items-changed", G_CALLBACK(on_log_changed), self);
  }
  self->dropped = 0;
  self->paused = FALSE;
  /* Nothing of the other log is left in sight meanwhile. */
  discard(self, &self->next);
  lines_init(&self->next);
  show_next(self);
  refilter(self);
}

void sy_log_filter_set_level(SyLogFilter *self, SyLogLevel level)
{
  g_return_if_fail(SY_IS_LOG_FILTER(self));

  if (self->level == level)
    return;
  self->level = level;
  refilter(self);
}

SyLogLevel sy_log_filter_get_level(SyLogFilter *self)
{
  g_return_val_if_fail(SY_IS_LOG_FILTER(self), SY_LOG_TRACE);

  return self->level;
}

static void set_rare(SyLogFilter *self, gunichar letter)
{
  self->rare_small[g_unichar_to_utf8(letter, self->rare_small)] = '\0';
  self->rare_large[g_unichar_to_utf8(g_unichar_toupper(letter), self->rare_large)] = '\0';
}

void sy_log_filter_set_search(SyLogFilter *self, const char *search)
{
  g_return_if_fail(SY_IS_LOG_FILTER(self) && search);

  if (g_str_equal(self->search, search))
    return;
  g_free(self->search);
  g_clear_pointer(&self->folded, g_free);
  g_clear_pointer(&self->plain, g_free);
  self->search = g_strdup(search);
  if (*search && g_str_is_ascii(search)) {
    self->plain = g_ascii_strdown(search, -1);
  } else if (*search) {
    self->folded = g_utf8_to_ucs4_fast(search, -1, NULL);
    for (gunichar *letter = self->folded; *letter; letter++) {
      *letter = g_unichar_tolower(*letter);
      if (*letter >= 0x80 || letter == self->folded)
        set_rare(self, *letter);
    }
  }
  refilter(self);
}

void sy_log_filter_set_paused(SyLogFilter *self, gboolean paused)
{
  g_return_if_fail(SY_IS_LOG_FILTER(self));

  if (self->paused == paused)
    return;
  self->paused = paused;
  if (paused) {
    self->paused_at = self->dropped + count_lines(self);
  } else if (self->next.entries) {
    refilter(self); /* it has held lines back */
  } else {
    guint from = self->paused_at > self->dropped ? (guint)(self->paused_at - self->dropped) : 0;

    drop_lines(self);
    self->shown.held = 0;
    add_lines(self, from, count_lines(self) - from);
  }
  tell_status(self);
}

void sy_log_filter_set_frozen(SyLogFilter *self, gboolean frozen)
{
  g_return_if_fail(SY_IS_LOG_FILTER(self));

  if (self->frozen == frozen)
    return;
  self->frozen = frozen;
  tell_added(self);
  tell_status(self);
}

gboolean sy_log_filter_is_paused(SyLogFilter *self)
{
  g_return_val_if_fail(SY_IS_LOG_FILTER(self), FALSE);

  return self->paused;
}

guint sy_log_filter_get_held(SyLogFilter *self)
{
  g_return_val_if_fail(SY_IS_LOG_FILTER(self), 0);

  return self->shown.held;
}

guint sy_log_filter_get_shown(SyLogFilter *self)
{
  g_return_val_if_fail(SY_IS_LOG_FILTER(self), 0);

  return self->shown.entries->len - self->first - self->untold;
}

guint sy_log_filter_get_present(SyLogFilter *self)
{
  g_return_val_if_fail(SY_IS_LOG_FILTER(self), 0);

  return count_lines(self);
}
