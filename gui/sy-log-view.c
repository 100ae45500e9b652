/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The log of a substation, newest line last. */

#include "sy-config.h"

#include "sy-log-view.h"

#include "sy-format.h"
#include "sy-journal.h"
#include "sy-log-rows.h"
#include "sy-log-save.h"
#include "sy-name.h"
#include "sy-wrap-box.h"

#include <adwaita.h>
#include <glib/gi18n.h>

/* Closer to the end than this counts as being there, in pixels. */
enum { FOLLOW_SLACK = 32 };

struct _SyLogView {
  GtkWidget parent_instance;

  GtkBox *box;
  GtkWidget *toolbar;
  GtkEditable *entry;
  GtkDropDown *level_dropdown; /* its items are those of SyLogLevel */
  GtkWidget *status_box;
  GtkLabel *status_label;
  GtkWidget *resume_button;
  GtkStack *stack;
  GtkScrolledWindow *scroller;
  GtkListView *list;
  GtkRevealer *newest_revealer;
  GtkWidget *whole_box;
  GtkLabel *whole_label;

  SyStation *station;
  SyLogFilter *shown;
  GtkSelectionModel *selection; /* over what is shown */
  SyLogEntry *whole;            /* the line that is shown as a whole */
  gboolean narrow;
  gboolean following;
  gboolean moving; /* lines came or went and the list has not settled */
  double last_value;
  guint follow_source;
};

enum { PROP_0, PROP_PAUSED, N_PROPS };
static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE(SyLogView, sy_log_view, GTK_TYPE_WIDGET)

static guint count_shown(SyLogView *self)
{
  return g_list_model_get_n_items(G_LIST_MODEL(self->shown));
}

/* ---- Following the newest line ---- */

/* New rows are built by a new factory. */
static void renew_factory(SyLogView *self)
{
  g_autoptr(GtkListItemFactory) factory = sy_log_rows_new_factory(self->narrow);

  gtk_list_view_set_factory(self->list, factory);
}

void sy_log_view_set_narrow(SyLogView *self, gboolean narrow)
{
  g_return_if_fail(SY_IS_LOG_VIEW(self));

  if (self->narrow == narrow)
    return;
  self->narrow = narrow;
  renew_factory(self);
}

static void set_following(SyLogView *self, gboolean following)
{
  self->following = following;
  gtk_revealer_set_reveal_child(self->newest_revealer, !following);
}

static gboolean follow(gpointer user_data)
{
  SyLogView *self = user_data;
  guint count = count_shown(self);

  self->follow_source = 0;
  self->moving = FALSE;
  if (self->following && count > 0 && gtk_widget_get_height(GTK_WIDGET(self->list)) > 0)
    gtk_widget_activate_action(GTK_WIDGET(self->list), "list.scroll-to-item", "u", count - 1);
  return G_SOURCE_REMOVE;
}

/* Once a burst, after the list has taken it in; again when the list finds out how high it is. */
static void queue_follow(SyLogView *self)
{
  if (self->following && self->follow_source == 0)
    self->follow_source = g_idle_add(follow, self);
}

static void on_items_changed(SyLogView *self)
{
  self->moving = self->following;
  queue_follow(self);
}

/* A person scrolls up: no longer followed. Down to the end: followed again. Lines that come, go or
 * turn out higher than thought move the list too, but never up and away from its end, except when
 * old lines are dropped: see `moving`. */
static void on_scrolled(SyLogView *self)
{
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment(self->scroller);
  double value = gtk_adjustment_get_value(adjustment);
  double below =
      gtk_adjustment_get_upper(adjustment) - gtk_adjustment_get_page_size(adjustment) - value;
  gboolean up = value < self->last_value;

  self->last_value = value;
  if (below < FOLLOW_SLACK)
    set_following(self, TRUE);
  else if (up && !self->moving)
    set_following(self, FALSE);
}

static void on_newest(SyLogView *self)
{
  set_following(self, TRUE);
  queue_follow(self);
}

/* ---- What is shown ---- */

static char *dup_held_text(guint held)
{
  return g_strdup_printf(ngettext("%u new line", "%u new lines", held), held);
}

/* "Each frame is logged · 12 of 3040 lines · 128 new lines" */
static void update_status(SyLogView *self)
{
  guint shown = sy_log_filter_get_shown(self->shown);
  guint present = sy_log_filter_get_present(self->shown);
  gboolean paused = sy_log_filter_is_paused(self->shown);
  g_autofree char *some = NULL;
  g_autofree char *held = NULL;
  const char *pieces[4] = {NULL};
  guint count = 0;
  g_autofree char *text = NULL;

  if (self->station && sy_station_is_tracing(self->station))
    pieces[count++] = _("Each frame is logged");
  if (*gtk_editable_get_text(self->entry) || shown != present)
    /* Translators: lines of the log that are shown, of all there are. */
    pieces[count++] = some =
        g_strdup_printf(ngettext("%u of %u line", "%u of %u lines", present), shown, present);
  if (paused)
    pieces[count++] = held = dup_held_text(sy_log_filter_get_held(self->shown));
  text = sy_format_pieces(pieces);
  gtk_label_set_text(self->status_label, text);
  gtk_widget_set_visible(self->status_box, count > 0);
  gtk_widget_set_visible(self->resume_button, paused);
  gtk_stack_set_visible_child_name(self->stack, shown > 0     ? "log"
                                                : present > 0 ? "unfit"
                                                              : "empty");
}

/* Lines are cut where the list ends: the one that is selected is to be read as a whole. */
static void update_whole(SyLogView *self)
{
  g_autoptr(GtkBitset) chosen = gtk_selection_model_get_selection(self->selection);
  g_autoptr(SyLogEntry) entry = NULL;
  g_autofree char *sentence = NULL;

  if (gtk_bitset_get_size(chosen) == 1)
    entry = g_list_model_get_item(G_LIST_MODEL(self->selection), gtk_bitset_get_minimum(chosen));
  if (!g_set_object(&self->whole, entry))
    return;
  if (entry)
    sentence = sy_log_rows_dup_sentence(entry);
  gtk_label_set_text(self->whole_label, sentence ? sentence : "");
  gtk_widget_set_visible(self->whole_box, entry != NULL);
}

/* Frames are only there to be shown when they are traced. */
static void update_tracing(SyLogView *self)
{
  if (self->station)
    sy_station_set_tracing(self->station, sy_log_filter_get_level(self->shown) == SY_LOG_TRACE);
}

static void on_level(SyLogView *self)
{
  guint level = gtk_drop_down_get_selected(self->level_dropdown);

  if (level >= SY_LOG_LEVELS)
    return;
  sy_log_filter_set_level(self->shown, (SyLogLevel)level);
  update_tracing(self);
  update_status(self);
}

static void on_search(SyLogView *self)
{
  sy_log_filter_set_search(self->shown, gtk_editable_get_text(self->entry));
}

static void focus_lines(SyLogView *self)
{
  GtkWidget *last = gtk_widget_get_last_child(GTK_WIDGET(self->list));

  if (last)
    gtk_widget_grab_focus(last);
}

/* Escape: first the text, then the lines. */
static void on_stop_search(SyLogView *self)
{
  if (*gtk_editable_get_text(self->entry))
    gtk_editable_set_text(self->entry, "");
  else
    focus_lines(self);
}

void sy_log_view_set_station(SyLogView *self, SyStation *station)
{
  g_return_if_fail(SY_IS_LOG_VIEW(self));

  if (!g_set_object(&self->station, station))
    return;
  sy_log_filter_set_log(self->shown, station ? sy_station_get_log(station) : NULL);
  g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_PAUSED]);
  self->last_value = 0;
  set_following(self, TRUE);
  update_tracing(self);
  update_status(self);
}

static void set_paused(SyLogView *self, gboolean paused)
{
  if (sy_log_filter_is_paused(self->shown) == paused)
    return;
  sy_log_filter_set_paused(self->shown, paused);
  g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_PAUSED]);
}

static void on_resume(SyLogView *self)
{
  /* The button goes, and its focus with it. */
  gtk_widget_grab_focus(GTK_WIDGET(self->list));
  set_paused(self, FALSE);
  on_newest(self);
}

/* ---- Taking lines along ---- */

/* The selected lines, or all, also of a page that is not seen now. */
static GPtrArray *list_lines(SyLogView *self, gboolean selected)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func(g_object_unref);
  g_autoptr(GtkBitset) chosen = NULL;
  gboolean all;
  guint count;

  sy_log_filter_finish(self->shown);
  sy_log_filter_set_frozen(self->shown, FALSE);
  sy_log_filter_set_frozen(self->shown, !gtk_widget_get_mapped(GTK_WIDGET(self)));
  chosen = gtk_selection_model_get_selection(self->selection);
  all = !selected || gtk_bitset_is_empty(chosen);
  count = count_shown(self);
  for (guint n = 0; n < count; n++)
    if (all || gtk_bitset_contains(chosen, n))
      g_ptr_array_add(lines, g_list_model_get_item(G_LIST_MODEL(self->shown), n));
  return lines;
}

static char *dup_text(GPtrArray *lines)
{
  GString *text = g_string_new(NULL);

  for (guint n = 0; n < lines->len; n++)
    sy_log_rows_append_text(text, g_ptr_array_index(lines, n));
  return g_string_free(text, FALSE);
}

char *sy_log_view_dup_text(SyLogView *self)
{
  g_autoptr(GPtrArray) lines = NULL;

  g_return_val_if_fail(SY_IS_LOG_VIEW(self), NULL);

  lines = list_lines(self, TRUE);
  return dup_text(lines);
}

static void tell(GtkWidget *widget, const char *text)
{
  GtkWidget *toasts = gtk_widget_get_ancestor(widget, ADW_TYPE_TOAST_OVERLAY);
  g_autofree char *escaped = g_markup_escape_text(text, -1);
  AdwToast *toast;

  if (!toasts)
    return;
  toast = adw_toast_new(escaped);
  adw_toast_set_timeout(toast, 2);
  adw_toast_overlay_add_toast(ADW_TOAST_OVERLAY(toasts), toast);
}

static void activate_copy(GtkWidget *widget, const char *action, GVariant *parameter)
{
  g_autoptr(GPtrArray) lines = list_lines(SY_LOG_VIEW(widget), TRUE);
  g_autofree char *text = dup_text(lines);
  g_autofree char *message =
      g_strdup_printf(ngettext("%u line copied", "%u lines copied", lines->len), lines->len);

  if (lines->len == 0)
    return;
  gdk_clipboard_set_text(gtk_widget_get_clipboard(widget), text);
  tell(widget, message);
}

static void activate_save(GtkWidget *widget, const char *action, GVariant *parameter)
{
  g_autoptr(GPtrArray) lines = list_lines(SY_LOG_VIEW(widget), FALSE);

  sy_log_save_ask(widget, lines, g_str_equal(g_variant_get_string(parameter, NULL), "json"));
}

static void on_folder_shown(GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GtkWidget) widget = user_data;
  g_autofree char *folder = sy_journal_dup_folder();
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;

  if (gtk_show_uri_full_finish(GTK_WINDOW(source), result, &error))
    return;
  /* Translators: a folder. */
  text = g_strdup_printf(_("The logs are in %s"), folder);
  tell(widget, text);
}

static void activate_folder(GtkWidget *widget, const char *action, GVariant *parameter)
{
  GtkRoot *root = gtk_widget_get_root(widget);
  g_autofree char *folder = sy_journal_dup_folder();
  g_autofree char *uri = g_filename_to_uri(folder, NULL, NULL);

  (void)g_mkdir_with_parents(folder, 0700); /* or the file manager says that it is not there */
  if (uri && GTK_IS_WINDOW(root))
    gtk_show_uri_full(GTK_WINDOW(root), uri, GDK_CURRENT_TIME, NULL, on_folder_shown,
                      g_object_ref(widget));
}

static void activate_find(GtkWidget *widget, const char *action, GVariant *parameter)
{
  gtk_widget_grab_focus(GTK_WIDGET(SY_LOG_VIEW(widget)->entry));
}

/* Frames stay traced if they are: nobody asked to see less. */
static void activate_show_all(GtkWidget *widget, const char *action, GVariant *parameter)
{
  SyLogView *self = SY_LOG_VIEW(widget);

  gtk_editable_set_text(self->entry, "");
  if (sy_log_filter_get_level(self->shown) > SY_LOG_DEBUG)
    gtk_drop_down_set_selected(self->level_dropdown, SY_LOG_DEBUG);
  on_search(self);
  focus_lines(self);
}

/* ---- Tab ---- */

/* The line to begin with: the newest while it is followed, else the one that had the focus last. */
static gboolean focus_list(SyLogView *self, GtkDirectionType direction)
{
  GtkWidget *last = gtk_widget_get_last_child(GTK_WIDGET(self->list));

  if (self->following && last && gtk_widget_grab_focus(last))
    return TRUE;
  return gtk_widget_child_focus(GTK_WIDGET(self->list), direction);
}

static gboolean has_focus(GtkWidget *widget)
{
  GtkWidget *focus = gtk_root_get_focus(gtk_widget_get_root(widget));

  return focus && (focus == widget || gtk_widget_is_ancestor(focus, widget));
}

/* To a list view each line is a stop for Tab, and a log has thousands: here it is one stop, and the
 * arrow keys move in it. */
static gboolean sy_log_view_focus(GtkWidget *widget, GtkDirectionType direction)
{
  SyLogView *self = SY_LOG_VIEW(widget);
  gboolean forward = direction == GTK_DIR_TAB_FORWARD;
  GtkWidget *list = GTK_WIDGET(self->list);
  GtkWidget *const stops[] = {self->toolbar, self->status_box,
                              count_shown(self) > 0 ? list : GTK_WIDGET(self->stack),
                              GTK_WIDGET(self->newest_revealer)};
  int count = gtk_revealer_get_reveal_child(self->newest_revealer) ? 4 : 3;
  int at = forward ? -1 : count;

  if (!forward && direction != GTK_DIR_TAB_BACKWARD)
    return GTK_WIDGET_CLASS(sy_log_view_parent_class)->focus(widget, direction);
  for (int n = 0; n < count; n++)
    if (has_focus(stops[n]))
      at = n;
  /* There may be more stops in the one that has it. */
  if (at >= 0 && at < count && stops[at] != list && gtk_widget_child_focus(stops[at], direction))
    return TRUE;
  for (at += forward ? 1 : -1; at >= 0 && at < count; at += forward ? 1 : -1)
    if (stops[at] == list ? focus_list(self, direction)
                          : gtk_widget_child_focus(stops[at], direction))
      return TRUE;
  return FALSE;
}

gboolean sy_log_view_is_following(SyLogView *self)
{
  g_return_val_if_fail(SY_IS_LOG_VIEW(self), FALSE);

  return self->following;
}

static void sy_log_view_map(GtkWidget *widget)
{
  sy_log_filter_set_frozen(SY_LOG_VIEW(widget)->shown, FALSE);
  GTK_WIDGET_CLASS(sy_log_view_parent_class)->map(widget);
}

static void sy_log_view_unmap(GtkWidget *widget)
{
  GTK_WIDGET_CLASS(sy_log_view_parent_class)->unmap(widget);
  sy_log_filter_set_frozen(SY_LOG_VIEW(widget)->shown, TRUE);
}

static void sy_log_view_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_PAUSED)
    g_value_set_boolean(value, sy_log_filter_is_paused(SY_LOG_VIEW(object)->shown));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
}

static void sy_log_view_set_property(GObject *object, guint id, const GValue *value,
                                     GParamSpec *pspec)
{
  if (id == PROP_PAUSED)
    set_paused(SY_LOG_VIEW(object), g_value_get_boolean(value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
}

static void sy_log_view_dispose(GObject *object)
{
  SyLogView *self = SY_LOG_VIEW(object);

  g_clear_handle_id(&self->follow_source, g_source_remove);
  if (self->shown)
    g_signal_handlers_disconnect_by_data(self->shown, self);
  g_clear_pointer((GtkWidget **)&self->box, gtk_widget_unparent);
  if (self->selection)
    g_signal_handlers_disconnect_by_data(self->selection, self);
  g_clear_object(&self->selection);
  g_clear_object(&self->whole);
  g_clear_object(&self->shown);
  g_clear_object(&self->station);
  G_OBJECT_CLASS(sy_log_view_parent_class)->dispose(object);
}

static void bind_children(GtkWidgetClass *widget_class)
{
#define BIND(name) gtk_widget_class_bind_template_child(widget_class, SyLogView, name)
  BIND(box);
  BIND(toolbar);
  BIND(entry);
  BIND(level_dropdown);
  BIND(status_box);
  BIND(status_label);
  BIND(resume_button);
  BIND(stack);
  BIND(scroller);
  BIND(list);
  BIND(newest_revealer);
  BIND(whole_box);
  BIND(whole_label);
#undef BIND
}

static void install_actions(GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action(widget_class, "log.copy", NULL, activate_copy);
  gtk_widget_class_install_action(widget_class, "log.save", "s", activate_save);
  gtk_widget_class_install_action(widget_class, "log.folder", NULL, activate_folder);
  gtk_widget_class_install_action(widget_class, "log.find", NULL, activate_find);
  gtk_widget_class_install_action(widget_class, "log.show-all", NULL, activate_show_all);
  gtk_widget_class_install_property_action(widget_class, "log.paused", "paused");
  gtk_widget_class_add_binding_action(widget_class, GDK_KEY_c, GDK_CONTROL_MASK, "log.copy", NULL);
  gtk_widget_class_add_binding_action(widget_class, GDK_KEY_p, GDK_CONTROL_MASK, "log.paused",
                                      NULL);
}

static void sy_log_view_class_init(SyLogViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS(klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

  object_class->dispose = sy_log_view_dispose;
  object_class->get_property = sy_log_view_get_property;
  object_class->set_property = sy_log_view_set_property;
  properties[PROP_PAUSED] =
      g_param_spec_boolean("paused", NULL, NULL, FALSE,
                           G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties(object_class, N_PROPS, properties);
  widget_class->focus = sy_log_view_focus;
  widget_class->map = sy_log_view_map;
  widget_class->unmap = sy_log_view_unmap;
  g_type_ensure(SY_TYPE_WRAP_BOX);
  install_actions(widget_class);
  gtk_widget_class_set_layout_manager_type(widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_template_from_resource(widget_class,
                                              "/dev/switchyard/Workstation/ui/sy-log-view.ui");
  bind_children(widget_class);
  gtk_widget_class_bind_template_callback(widget_class, on_level);
  gtk_widget_class_bind_template_callback(widget_class, on_search);
  gtk_widget_class_bind_template_callback(widget_class, on_stop_search);
  gtk_widget_class_bind_template_callback(widget_class, focus_lines);
  gtk_widget_class_bind_template_callback(widget_class, on_resume);
  gtk_widget_class_bind_template_callback(widget_class, on_newest);
}

static void sy_log_view_init(SyLogView *self)
{
  GtkAdjustment *adjustment;

  self->shown = sy_log_filter_new();
  sy_log_filter_set_frozen(self->shown, TRUE); /* until it is seen */
  self->following = TRUE;
  gtk_widget_init_template(GTK_WIDGET(self));
  self->selection =
      GTK_SELECTION_MODEL(gtk_multi_selection_new(g_object_ref(G_LIST_MODEL(self->shown))));
  gtk_list_view_set_model(self->list, self->selection);
  g_signal_connect_swapped(self->selection, "selection-changed", G_CALLBACK(update_whole), self);
  g_signal_connect_swapped(self->selection, "items-changed", G_CALLBACK(update_whole), self);
  g_signal_connect_swapped(self->shown, "items-changed", G_CALLBACK(on_items_changed), self);
  g_signal_connect_swapped(self->shown, "notify::status", G_CALLBACK(update_status), self);
  sy_name_button_in(GTK_WIDGET(self->level_dropdown), _("Level of the lines shown"));
  gtk_drop_down_set_selected(self->level_dropdown, SY_LOG_DEBUG);
  renew_factory(self);
  update_status(self);
  adjustment = gtk_scrolled_window_get_vadjustment(self->scroller);
  g_signal_connect_object(adjustment, "value-changed", G_CALLBACK(on_scrolled), self,
                          G_CONNECT_SWAPPED);
  g_signal_connect_object(adjustment, "changed", G_CALLBACK(queue_follow), self, G_CONNECT_SWAPPED);
}
