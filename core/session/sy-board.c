/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Several substations, started and cancelled together. */

#include "sy-board-private.h"

#include <glib/gi18n-lib.h>
#include <limits.h>
#include <stdlib.h>

struct _SyBoard {
  GObject parent_instance;

  GPtrArray *rows;  /* of SyBoardRow */
  gboolean running; /* as was told last */
  guint held;       /* > 0: what changes is told later, once */
  gboolean news;    /* that is to be told */
};

enum { PROP_0, PROP_RUNNING, N_PROPS };
enum { CHANGED, FINISHED, N_SIGNALS };

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

static void sy_board_init_list(GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(SyBoard, sy_board, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(G_TYPE_LIST_MODEL, sy_board_init_list))

/* ---- States, in words ---- */

GType sy_board_state_get_type(void)
{
  static gsize type;
  static const GEnumValue values[] = {
      {SY_BOARD_READY, "SY_BOARD_READY", "ready"},
      {SY_BOARD_WAITING, "SY_BOARD_WAITING", "waiting"},
      {SY_BOARD_RUNNING, "SY_BOARD_RUNNING", "running"},
      {SY_BOARD_PASSED, "SY_BOARD_PASSED", "passed"},
      {SY_BOARD_FAILED, "SY_BOARD_FAILED", "failed"},
      {SY_BOARD_NOT_REACHED, "SY_BOARD_NOT_REACHED", "not-reached"},
      {SY_BOARD_CANCELLED, "SY_BOARD_CANCELLED", "cancelled"},
      {0, NULL, NULL},
  };

  if (g_once_init_enter(&type))
    g_once_init_leave(&type, g_enum_register_static("SyBoardState", values));
  return type;
}

const char *sy_board_state_get_key(SyBoardState state)
{
  g_autoptr(GEnumClass) states = g_type_class_ref(SY_TYPE_BOARD_STATE);

  return g_enum_get_value(states, (gint)state)->value_nick;
}

const char *sy_board_state_get_label(SyBoardState state)
{
  switch (state) {
  case SY_BOARD_WAITING:
    return _("Waiting");
  case SY_BOARD_RUNNING:
    return _("Running");
  case SY_BOARD_PASSED:
    return _("Passed");
  case SY_BOARD_FAILED:
    return _("Failed");
  case SY_BOARD_NOT_REACHED:
    return _("Not reached");
  case SY_BOARD_CANCELLED:
    return _("Cancelled");
  case SY_BOARD_READY:
  default:
    return _("Ready");
  }
}

/* ---- Rows ---- */

static GType sy_board_get_item_type(GListModel *model)
{
  (void)model;
  return SY_TYPE_BOARD_ROW;
}

static guint sy_board_get_n_items(GListModel *model)
{
  return SY_BOARD(model)->rows->len;
}

static gpointer sy_board_get_item(GListModel *model, guint position)
{
  SyBoardRow *row = sy_board_get_row(SY_BOARD(model), position);

  return row ? g_object_ref(row) : NULL;
}

static void sy_board_init_list(GListModelInterface *iface)
{
  iface->get_item_type = sy_board_get_item_type;
  iface->get_n_items = sy_board_get_n_items;
  iface->get_item = sy_board_get_item;
}

SyBoardRow *sy_board_get_row(SyBoard *self, guint position)
{
  return position < self->rows->len ? g_ptr_array_index(self->rows, position) : NULL;
}

/* Tells what is new, unless more is to come. */
static void tell(SyBoard *self)
{
  g_autoptr(SyBoard) held = g_object_ref(self); /* who is told may drop it */
  gboolean running;

  if (self->held > 0 || !self->news)
    return;
  self->news = FALSE;
  g_signal_emit(self, signals[CHANGED], 0);
  running = sy_board_is_running(self); /* who was told may have begun or ended something */
  if (self->running == running)
    return;
  self->running = running;
  g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_RUNNING]);
  if (!running)
    g_signal_emit(self, signals[FINISHED], 0);
}

static void on_row_changed(SyBoardRow *row, gpointer data)
{
  SyBoard *self = data;

  (void)row;
  self->news = TRUE;
  tell(self);
}

static void release_news(SyBoard *self)
{
  self->held--;
  tell(self);
}

/* Takes the row. */
static void insert(SyBoard *self, SyBoardRow *row, guint position)
{
  sy_board_row_set_watcher(row, on_row_changed, self);
  g_ptr_array_insert(self->rows, (gint)position, row);
  self->news = TRUE;
  g_list_model_items_changed(G_LIST_MODEL(self), position, 0, 1);
  tell(self);
}

SyBoardRow *sy_board_add(SyBoard *self, SyStation *station, const char *title)
{
  SyBoardRow *row = sy_board_row_new(station, title);

  insert(self, row, self->rows->len);
  return row;
}

void sy_board_put_back(SyBoard *self, SyBoardRow *row, guint position)
{
  insert(self, g_object_ref(row), MIN(position, self->rows->len));
}

gboolean sy_board_remove(SyBoard *self, SyBoardRow *row)
{
  guint position;

  if (sy_board_row_is_busy(row) || !g_ptr_array_find(self->rows, row, &position))
    return FALSE;
  sy_board_row_set_watcher(row, NULL, NULL);
  g_ptr_array_remove_index(self->rows, position);
  self->news = TRUE;
  g_list_model_items_changed(G_LIST_MODEL(self), position, 1, 0);
  tell(self);
  return TRUE;
}

/* The device behind a name that may be one of several; what is no file goes by its name. */
static char *dup_device(const char *port)
{
  char path[PATH_MAX];
  g_autofree char *device = sy_port_name_dup_device(port);

  return realpath(device, path) ? g_strdup(path) : g_steal_pointer(&device);
}

SyBoardRow *sy_board_find(SyBoard *self, const char *port)
{
  g_autofree char *device = dup_device(port);

  if (g_str_equal(port, "virtual"))
    return NULL;
  for (guint n = 0; n < self->rows->len; n++) {
    SyBoardRow *row = sy_board_get_row(self, n);
    g_autofree char *other = dup_device(sy_station_get_port(sy_board_row_get_station(row)));

    if (g_str_equal(device, other))
      return row;
  }
  return NULL;
}

gboolean sy_board_has_port(SyBoard *self, const char *port)
{
  return sy_board_find(self, port) != NULL;
}

/* ---- Jobs ---- */

void sy_board_identify(SyBoard *self)
{
  for (guint n = 0; n < self->rows->len; n++)
    sy_board_row_identify(sy_board_get_row(self, n));
}

gboolean sy_board_start_row(SyBoard *self, SyBoardRow *row, SyRelease *release, gboolean dry)
{
  if (sy_board_row_is_busy(row))
    return FALSE;
  self->held++;
  sy_board_row_start(row, release, dry);
  release_news(self);
  return TRUE;
}

guint sy_board_start(SyBoard *self, SyRelease *release, gboolean dry, SyBoardWhich which)
{
  guint started = 0;

  self->held++;
  for (guint n = 0; n < self->rows->len; n++) {
    SyBoardRow *row = sy_board_get_row(self, n);

    if (which == SY_BOARD_ALL || sy_board_row_get_state(row) != SY_BOARD_PASSED)
      started += sy_board_start_row(self, row, release, dry) ? 1 : 0;
  }
  release_news(self);
  return started;
}

void sy_board_cancel_row(SyBoard *self, SyBoardRow *row)
{
  (void)self;
  sy_board_row_cancel(row);
}

void sy_board_cancel(SyBoard *self)
{
  for (guint n = 0; n < self->rows->len; n++)
    sy_board_row_cancel(sy_board_get_row(self, n));
}

/* ---- How it stands ---- */

SyBoardCounts sy_board_get_counts(SyBoard *self)
{
  SyBoardCounts counts = {.total = self->rows->len};

  for (guint n = 0; n < self->rows->len; n++)
    counts.states[sy_board_row_get_state(sy_board_get_row(self, n))]++;
  return counts;
}

gboolean sy_board_is_running(SyBoard *self)
{
  SyBoardCounts counts = sy_board_get_counts(self);

  return counts.states[SY_BOARD_WAITING] + counts.states[SY_BOARD_RUNNING] > 0;
}

/* Whether what was done was a dry run, of all that were started. */
static gboolean was_dry(SyBoard *self)
{
  guint dry = 0;

  for (guint n = 0; n < self->rows->len; n++) {
    SyBoardRow *row = sy_board_get_row(self, n);

    if (sy_board_row_get_state(row) == SY_BOARD_READY)
      continue;
    if (sy_board_row_get_job(row) != SY_JOB_CHECK)
      return FALSE;
    dry++;
  }
  return dry > 0;
}

static void append_count(GString *text, const char *format, guint count)
{
  if (count == 0)
    return;
  /* Translators: between two of a list, as in "2 of 4 upgraded, 1 failed, 1 running". */
  g_string_append(text, _(", "));
  g_string_append_printf(text, format, count);
}

char *sy_board_dup_summary(SyBoard *self)
{
  SyBoardCounts counts = sy_board_get_counts(self);
  GString *text = g_string_new(NULL);

  /* Translators: how many, of how many substations. */
  g_string_append_printf(text, was_dry(self) ? _("%u of %u checked") : _("%u of %u upgraded"),
                         counts.states[SY_BOARD_PASSED], counts.total);
  /* Translators: these go on where "30 of 32 upgraded" ends, each with its count. */
  append_count(text, _("%u running"), counts.states[SY_BOARD_RUNNING]);
  append_count(text, _("%u waiting"), counts.states[SY_BOARD_WAITING]);
  append_count(text, _("%u failed"), counts.states[SY_BOARD_FAILED]);
  append_count(text, _("%u not reached"), counts.states[SY_BOARD_NOT_REACHED]);
  append_count(text, _("%u cancelled"), counts.states[SY_BOARD_CANCELLED]);
  append_count(text, _("%u not started"), counts.states[SY_BOARD_READY]);
  return g_string_free(text, FALSE);
}

/* ---- The object ---- */

static void sy_board_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_RUNNING)
    g_value_set_boolean(value, sy_board_is_running(SY_BOARD(object)));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
}

/* Jobs that run hold their rows and go on to their ends. */
static void sy_board_finalize(GObject *object)
{
  SyBoard *self = SY_BOARD(object);

  for (guint n = 0; n < self->rows->len; n++)
    sy_board_row_set_watcher(sy_board_get_row(self, n), NULL, NULL);
  g_ptr_array_unref(self->rows);
  G_OBJECT_CLASS(sy_board_parent_class)->finalize(object);
}

static void sy_board_class_init(SyBoardClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS(klass);
  static const char *const names[N_SIGNALS] = {"changed", "finished"};

  object_class->get_property = sy_board_get_property;
  object_class->finalize = sy_board_finalize;
  properties[PROP_RUNNING] =
      g_param_spec_boolean("running", NULL, NULL, FALSE,
                           G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties(object_class, N_PROPS, properties);
  for (guint i = 0; i < N_SIGNALS; i++)
    signals[i] = g_signal_new(names[i], SY_TYPE_BOARD, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                              G_TYPE_NONE, 0);
}

static void sy_board_init(SyBoard *self)
{
  self->rows = g_ptr_array_new_with_free_func(g_object_unref);
}

SyBoard *sy_board_new(void)
{
  return g_object_new(SY_TYPE_BOARD, NULL);
}
