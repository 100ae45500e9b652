/* SPDX-License-Identifier: GPL-3.0-or-later */

/* SyWindow: the board, on which several substations get the opened release at once. A port that is
 * on the board and in the window has one SyStation: there is one link. */

#include "sy-config.h"

#include "sy-window-private.h"

#include "sy-board-adder.h"

#include <glib/gi18n.h>

/* UNDO_S: what is taken away by mistake is often seen late. */
enum { PRACTISE_MAX = 32, UNDO_S = 10 };

SyPlanInput sy_window_get_board_input(SyWindow *self)
{
  return (SyPlanInput){
      .release = self->release,
      .file_name = self->file_name,
      .loading = self->load_cancellable != NULL,
      .load_failed = self->load_failed,
  };
}

gboolean sy_window_is_board_shown(SyWindow *self)
{
  AdwViewStack *stack = adw_leaflet_get_folded(self->leaflet) ? self->narrow_pages : self->pages;

  return g_strcmp0(adw_view_stack_get_visible_child_name(stack), "board") == 0;
}

gboolean sy_window_is_working(SyWindow *self)
{
  return self->job_cancellable || sy_board_is_running(self->board);
}

SyBoard *sy_window_get_board(SyWindow *self)
{
  g_return_val_if_fail(SY_IS_WINDOW(self), NULL);

  return self->board;
}

/* --- what can be done now --- */

static gboolean has_results(SyWindow *self)
{
  SyBoardCounts counts = sy_board_get_counts(self->board);

  return counts.states[SY_BOARD_READY] < counts.total;
}

static const SyBoardPlan *get_plan(SyWindow *self)
{
  return self->board_page ? sy_board_page_get_plan(self->board_page) : NULL;
}

gboolean sy_window_can_upgrade_board(SyWindow *self)
{
  const SyBoardPlan *plan = get_plan(self);

  return plan && !plan->reason && !self->board_dialog;
}

gboolean sy_window_can_copy_board(SyWindow *self)
{
  return has_results(self);
}

static void update_actions(SyWindow *self)
{
  GtkWidget *widget = GTK_WIDGET(self);
  const SyBoardPlan *plan = get_plan(self);
  gboolean running = sy_board_is_running(self->board);
  gboolean empty = sy_board_get_row(self->board, 0) == NULL;

  gtk_widget_action_set_enabled(widget, "win.board-upgrade", sy_window_can_upgrade_board(self));
  gtk_widget_action_set_enabled(widget, "win.board-retry",
                                plan && plan->failures->len > 0 && !running && self->release);
  gtk_widget_action_set_enabled(widget, "win.board-cancel", running);
  gtk_widget_action_set_enabled(widget, "win.board-copy", has_results(self));
  gtk_widget_action_set_enabled(widget, "win.board-remove-all", !empty && !running);
}

static void on_planned(SyWindow *self)
{
  update_actions(self);
  sy_window_update_board_keys(self);
}

void sy_window_update_board(SyWindow *self)
{
  SyPlanInput input = sy_window_get_board_input(self);

  /* What is below is about the window's own substation. */
  gtk_widget_set_visible(GTK_WIDGET(self->progress_panel),
                         self->job_cancellable || !sy_window_is_board_shown(self));
  if (self->board_page)
    sy_board_page_set_input(self->board_page, &input);
  on_planned(self);
}

void sy_window_set_board_narrow(SyWindow *self, gboolean narrow)
{
  if (self->board_page)
    sy_board_page_set_narrow(self->board_page, narrow);
}

/* Made when somebody looks at it: most windows never do, and all of them have to start. */
static void ensure_page(SyWindow *self)
{
  if (self->board_page)
    return;
  self->board_page = SY_BOARD_PAGE(sy_board_page_new(self->board));
  g_signal_connect_object(self->board_page, "planned", G_CALLBACK(on_planned), self,
                          G_CONNECT_SWAPPED);
  sy_board_page_set_narrow(self->board_page, adw_leaflet_get_folded(self->leaflet));
  adw_bin_set_child(self->board_bin, GTK_WIDGET(self->board_page));
  sy_window_update_board(self);
}

/* --- who is on it --- */

SyStation *sy_window_dup_board_station(SyWindow *self, const char *port)
{
  SyBoardRow *row = sy_board_find(self->board, port);

  return row ? g_object_ref(sy_board_row_get_station(row)) : NULL;
}

static gboolean is_own_port(SyWindow *self, SyPort *port)
{
  return g_strcmp0(sy_station_panel_get_stable_port(self->station_panel),
                   sy_port_get_stable_name(port)) == 0;
}

static void add_station(SyWindow *self, SyStation *station, const char *title)
{
  sy_board_add(self->board, station, title);
  sy_board_identify(self->board);
}

/* By the name that stays when adapters change places, where it can be opened. */
static void add_port(SyWindow *self, SyPort *port)
{
  const char *stable = sy_port_get_stable_name(port);
  const char *name = g_path_is_absolute(stable) ? stable : sy_port_get_name(port);
  g_autoptr(SyStation) station = NULL;

  if (sy_board_has_port(self->board, name))
    return;
  station = self->station && is_own_port(self, port) ? g_object_ref(self->station)
                                                     : sy_window_station_new(name);
  add_station(self, station, sy_port_get_label(port));
}

static void add_name(SyWindow *self, const char *name)
{
  const char *own = self->station ? sy_station_get_port(self->station) : NULL;
  g_autoptr(SyStation) station = NULL;

  if (sy_board_has_port(self->board, name))
    return;
  station = g_strcmp0(own, name) == 0 && !g_str_equal(name, "virtual")
                ? g_object_ref(self->station)
                : sy_window_station_new(name);
  add_station(self, station, NULL);
}

static void add_virtuals(SyWindow *self, guint count)
{
  for (guint n = 0; n < count; n++) {
    g_autoptr(SyStation) station = sy_station_new("virtual");
    /* Translators: one of several, by its number. */
    g_autofree char *title = g_strdup_printf(_("Virtual substation %u"), ++self->board_virtuals);

    add_station(self, station, title);
  }
}

void sy_window_add_to_board(SyWindow *self, const char *port)
{
  g_return_if_fail(SY_IS_WINDOW(self) && port);

  if (g_str_equal(port, "virtual"))
    add_virtuals(self, 1);
  else
    add_name(self, port);
}

static void on_add(SyBoardAdder *adder, SyWindow *self)
{
  g_autoptr(GPtrArray) ports = sy_board_adder_dup_ports(adder);
  g_auto(GStrv) names = sy_board_adder_dup_names(adder);

  for (guint n = 0; n < ports->len; n++)
    add_port(self, ports->pdata[n]);
  for (char **name = names; *name; name++)
    sy_window_add_to_board(self, *name);
  add_virtuals(self, sy_board_adder_get_virtuals(adder));
}

static void activate_add(GtkWidget *widget, const char *action, GVariant *parameter)
{
  SyWindow *self = SY_WINDOW(widget);
  GtkWidget *adder = sy_board_adder_new(GTK_WINDOW(self), self->board);

  g_signal_connect_object(adder, "add", G_CALLBACK(on_add), self, 0);
  gtk_window_present(GTK_WINDOW(adder));
}

static void activate_practise(GtkWidget *widget, const char *action, GVariant *parameter)
{
  add_virtuals(SY_WINDOW(widget), MIN(g_variant_get_uint32(parameter), PRACTISE_MAX));
}

/* --- taking rows away, and back --- */

typedef struct {
  GWeakRef window;
  GPtrArray *rows; /* of SyBoardRow, in their order */
  GArray *places;  /* of guint */
} Removed;

static void removed_free(gpointer data, GClosure *closure)
{
  Removed *removed = data;

  g_weak_ref_clear(&removed->window);
  g_ptr_array_unref(removed->rows);
  g_array_unref(removed->places);
  g_free(removed);
}

static gboolean is_on_board(SyWindow *self, SyStation *station)
{
  SyBoardRow *row;

  for (guint n = 0; (row = sy_board_get_row(self->board, n)); n++)
    if (sy_board_row_get_station(row) == station)
      return TRUE;
  return sy_board_has_port(self->board, sy_station_get_port(station));
}

/* A port may be on the board anew. */
static void put_back(AdwToast *toast, Removed *removed)
{
  g_autoptr(SyWindow) self = g_weak_ref_get(&removed->window);

  for (guint n = 0; self && n < removed->rows->len; n++) {
    SyStation *station = sy_board_row_get_station(removed->rows->pdata[n]);

    if (!is_on_board(self, station))
      sy_board_put_back(self->board, removed->rows->pdata[n],
                        g_array_index(removed->places, guint, n));
  }
}

static void offer_undo(SyWindow *self, Removed *removed)
{
  guint count = removed->rows->len;
  const char *title = sy_board_row_get_title(removed->rows->pdata[0]);
  /* Translators: a notice: the port's name, or how many substations, taken from the board. */
  g_autofree char *text = count == 1
                              ? g_strdup_printf(_("%s removed"), title)
                              : g_strdup_printf(ngettext("%u removed", "%u removed", count), count);
  AdwToast *toast = adw_toast_new(text);

  adw_toast_set_button_label(toast, _("Undo"));
  adw_toast_set_timeout(toast, UNDO_S);
  g_signal_connect_data(toast, "button-clicked", G_CALLBACK(put_back), removed, removed_free, 0);
  adw_toast_overlay_add_toast(self->toasts, toast);
}

/* Takes the rows. Those that are busy stay. */
static void remove_rows(SyWindow *self, GPtrArray *rows, guint place)
{
  Removed *removed = g_new0(Removed, 1);

  g_weak_ref_init(&removed->window, self);
  removed->rows = g_ptr_array_new_with_free_func(g_object_unref);
  removed->places = g_array_new(FALSE, FALSE, sizeof(guint));
  for (guint n = 0; n < rows->len; n++, place++) {
    SyBoardRow *row = rows->pdata[n];

    if (!sy_board_remove(self->board, row))
      continue;
    g_ptr_array_add(removed->rows, g_object_ref(row));
    g_array_append_val(removed->places, place);
  }
  g_ptr_array_unref(rows);
  if (removed->rows->len > 0)
    offer_undo(self, removed);
  else
    removed_free(removed, NULL);
}

GPtrArray *sy_window_list_board_rows(SyWindow *self, guint first, guint count)
{
  GPtrArray *rows = g_ptr_array_new_with_free_func(g_object_unref);
  SyBoardRow *row;

  for (guint n = 0; n < count && (row = sy_board_get_row(self->board, first + n)); n++)
    g_ptr_array_add(rows, g_object_ref(row));
  return rows;
}

static void activate_remove_row(GtkWidget *widget, const char *action, GVariant *parameter)
{
  SyWindow *self = SY_WINDOW(widget);
  guint place = g_variant_get_uint32(parameter);
  GtkWidget *next;

  remove_rows(self, sy_window_list_board_rows(self, place, 1), place);
  /* The focus stays where the row was. */
  next = sy_board_page_get_line(self->board_page, place);
  if (!next && place > 0)
    next = sy_board_page_get_line(self->board_page, place - 1);
  if (next)
    gtk_widget_grab_focus(next);
}

static void activate_remove_all(GtkWidget *widget, const char *action, GVariant *parameter)
{
  SyWindow *self = SY_WINDOW(widget);

  remove_rows(self, sy_window_list_board_rows(self, 0, G_MAXUINT), 0);
}

static void activate_show_row(GtkWidget *widget, const char *action, GVariant *parameter)
{
  SyWindow *self = SY_WINDOW(widget);
  SyBoardRow *row = sy_board_get_row(self->board, g_variant_get_uint32(parameter));

  if (!row)
    return;
  if (self->job_cancellable) {
    sy_window_tell(self, _("Another substation can be shown when the running job has ended"));
    return;
  }
  sy_window_take_station(self, sy_board_row_get_station(row));
  if (adw_leaflet_get_folded(self->leaflet))
    adw_view_stack_set_visible_child_name(self->narrow_pages, "substation");
}

void sy_window_class_init_board_actions(GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action(widget_class, "win.board-add", NULL, activate_add);
  gtk_widget_class_install_action(widget_class, "win.board-practise", "u", activate_practise);
  gtk_widget_class_install_action(widget_class, "win.board-remove-all", NULL, activate_remove_all);
  gtk_widget_class_install_action(widget_class, "win.board-remove-row", "u", activate_remove_row);
  gtk_widget_class_install_action(widget_class, "win.board-show-row", "u", activate_show_row);
  sy_window_class_init_board_jobs(widget_class);
}

void sy_window_init_board(SyWindow *self)
{
  self->board = sy_board_new();
  sy_window_init_board_jobs(self);
  g_signal_connect_object(self->board, "items-changed", G_CALLBACK(update_actions), self,
                          G_CONNECT_SWAPPED);
  g_signal_connect_swapped(self->board_bin, "map", G_CALLBACK(ensure_page), self);
}

void sy_window_dispose_board(SyWindow *self)
{
  if (!self->board)
    return;
  g_signal_handlers_disconnect_by_data(self->board, self);
  sy_window_dispose_board_jobs(self);
}
