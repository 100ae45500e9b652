/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The log of a substation, newest line last. */

#include "sy-config.h"

#include "sy-log-view.h"

#include <adwaita.h>
#include <glib/gi18n.h>

/* Closer to the end than this counts as being there, in pixels. */
enum { FOLLOW_SLACK = 32 };

struct _SyLogView {
  GtkWidget parent_instance;

  GtkStack *stack;
  GtkWidget *copy_button;
  GtkScrolledWindow *scroller;
  GtkListView *list;
  GtkRevealer *newest_revealer;

  GListModel *log;
  GtkSelectionModel *selection; /* over the log */
  gboolean narrow;
  gboolean following;
  gboolean moving; /* lines came or went and the list has not settled */
  double last_value;
  guint follow_source;
};

G_DEFINE_FINAL_TYPE(SyLogView, sy_log_view, GTK_TYPE_WIDGET)

typedef struct {
  const char *name;
  const char *css_class;
} LevelLook;

static LevelLook get_level_look(SyLogLevel level)
{
  switch (level) {
  case SY_LOG_DEBUG:
    return (LevelLook){_("Detail"), "dim-label"};
  case SY_LOG_WARNING:
    return (LevelLook){_("Warning"), "warning"};
  case SY_LOG_ERROR:
    return (LevelLook){_("Error"), "error"};
  case SY_LOG_INFO:
  default:
    return (LevelLook){_("Info"), "accent"};
  }
}

static GtkWidget *append_label(GtkWidget *box, const char *css_class)
{
  GtkWidget *label = gtk_label_new(NULL);

  gtk_label_set_xalign(GTK_LABEL(label), 0);
  gtk_widget_set_valign(label, GTK_ALIGN_START);
  if (css_class)
    gtk_widget_add_css_class(label, css_class);
  gtk_box_append(GTK_BOX(box), label);
  return label;
}

static void on_setup(GtkSignalListItemFactory *factory, GtkListItem *item, SyLogView *self)
{
  GtkWidget *row = gtk_box_new(self->narrow ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL,
                               self->narrow ? 0 : 12);
  GtkWidget *head = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *text;

  gtk_box_append(GTK_BOX(row), head);
  append_label(head, NULL);
  append_label(head, NULL);
  text = append_label(row, NULL);
  gtk_label_set_wrap(GTK_LABEL(text), TRUE);
  gtk_label_set_wrap_mode(GTK_LABEL(text), PANGO_WRAP_WORD_CHAR);
  gtk_widget_set_hexpand(text, TRUE);
  gtk_list_item_set_child(item, row);
  gtk_list_item_set_activatable(item, FALSE);
}

static void on_bind(GtkSignalListItemFactory *factory, GtkListItem *item, SyLogView *self)
{
  SyLogEntry *entry = gtk_list_item_get_item(item);
  GtkWidget *head = gtk_widget_get_first_child(gtk_list_item_get_child(item));
  GtkWidget *text = gtk_widget_get_next_sibling(head);
  GtkWidget *time = gtk_widget_get_first_child(head);
  GtkWidget *level = gtk_widget_get_next_sibling(time);
  LevelLook look = get_level_look(sy_log_entry_get_level(entry));
  const char *const time_classes[] = {"log-time", self->narrow ? "caption" : NULL, NULL};
  const char *const level_classes[] = {"log-level", look.css_class, self->narrow ? "caption" : NULL,
                                       NULL};
  g_autofree char *time_text = sy_log_entry_dup_time_text(entry);

  gtk_label_set_text(GTK_LABEL(time), time_text);
  gtk_widget_set_css_classes(time, (const char **)time_classes);
  gtk_label_set_text(GTK_LABEL(level), look.name);
  gtk_widget_set_css_classes(level, (const char **)level_classes);
  gtk_label_set_text(GTK_LABEL(text), sy_log_entry_get_text(entry));
}

/* New rows are built by a new factory. */
static void renew_factory(SyLogView *self)
{
  g_autoptr(GtkListItemFactory) factory = gtk_signal_list_item_factory_new();

  g_signal_connect_object(factory, "setup", G_CALLBACK(on_setup), self, 0);
  g_signal_connect_object(factory, "bind", G_CALLBACK(on_bind), self, 0);
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
  guint count = self->log ? g_list_model_get_n_items(self->log) : 0;

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
  guint count = self->log ? g_list_model_get_n_items(self->log) : 0;

  self->moving = self->following;
  gtk_stack_set_visible_child_name(self->stack, count > 0 ? "log" : "empty");
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

void sy_log_view_set_log(SyLogView *self, GListModel *log)
{
  g_return_if_fail(SY_IS_LOG_VIEW(self));

  if (self->log == log)
    return;
  if (self->log)
    g_signal_handlers_disconnect_by_data(self->log, self);
  g_set_object(&self->log, log);
  g_clear_object(&self->selection);
  if (log) {
    self->selection = GTK_SELECTION_MODEL(gtk_multi_selection_new(g_object_ref(log)));
    g_signal_connect_swapped(log, "items-changed", G_CALLBACK(on_items_changed), self);
  }
  gtk_list_view_set_model(self->list, self->selection);
  self->last_value = 0;
  set_following(self, TRUE);
  on_items_changed(self);
}

static void append_line(GString *text, GListModel *log, guint position)
{
  g_autoptr(SyLogEntry) entry = g_list_model_get_item(log, position);
  g_autofree char *time = sy_log_entry_dup_time_text(entry);

  g_string_append_printf(text, "%s %s %s\n", time,
                         get_level_look(sy_log_entry_get_level(entry)).name,
                         sy_log_entry_get_text(entry));
}

static char *dup_text(SyLogView *self, guint *lines)
{
  GString *text = g_string_new(NULL);
  guint count = self->log ? g_list_model_get_n_items(self->log) : 0;
  g_autoptr(GtkBitset) chosen =
      self->selection ? gtk_selection_model_get_selection(self->selection) : gtk_bitset_new_empty();
  gboolean all = gtk_bitset_is_empty(chosen);

  *lines = 0;
  for (guint n = 0; n < count; n++)
    if (all || gtk_bitset_contains(chosen, n)) {
      append_line(text, self->log, n);
      (*lines)++;
    }
  return g_string_free(text, FALSE);
}

char *sy_log_view_dup_text(SyLogView *self)
{
  guint lines;

  g_return_val_if_fail(SY_IS_LOG_VIEW(self), NULL);

  return dup_text(self, &lines);
}

static void activate_copy(GtkWidget *widget, const char *action, GVariant *parameter)
{
  GtkWidget *toasts = gtk_widget_get_ancestor(widget, ADW_TYPE_TOAST_OVERLAY);
  guint lines;
  g_autofree char *text = dup_text(SY_LOG_VIEW(widget), &lines);
  g_autofree char *message =
      g_strdup_printf(ngettext("%u line copied", "%u lines copied", lines), lines);
  AdwToast *toast;

  if (lines == 0)
    return;
  gdk_clipboard_set_text(gtk_widget_get_clipboard(widget), text);
  if (!toasts)
    return;
  toast = adw_toast_new(message);
  adw_toast_set_timeout(toast, 2);
  adw_toast_overlay_add_toast(ADW_TOAST_OVERLAY(toasts), toast);
}

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
  GtkWidget *const stops[] = {self->copy_button, GTK_WIDGET(self->list),
                              GTK_WIDGET(self->newest_revealer)};
  int count = gtk_revealer_get_reveal_child(self->newest_revealer) ? 3 : 2;
  int at = forward ? -1 : count;

  if ((!forward && direction != GTK_DIR_TAB_BACKWARD) || !self->log ||
      g_list_model_get_n_items(self->log) == 0)
    return GTK_WIDGET_CLASS(sy_log_view_parent_class)->focus(widget, direction);
  for (int n = 0; n < count; n++)
    if (has_focus(stops[n]))
      at = n;
  for (at += forward ? 1 : -1; at >= 0 && at < count; at += forward ? 1 : -1)
    if (stops[at] == GTK_WIDGET(self->list) ? focus_list(self, direction)
                                            : gtk_widget_child_focus(stops[at], direction))
      return TRUE;
  return FALSE;
}

gboolean sy_log_view_is_following(SyLogView *self)
{
  g_return_val_if_fail(SY_IS_LOG_VIEW(self), FALSE);

  return self->following;
}

static void sy_log_view_dispose(GObject *object)
{
  SyLogView *self = SY_LOG_VIEW(object);

  g_clear_handle_id(&self->follow_source, g_source_remove);
  if (self->log)
    g_signal_handlers_disconnect_by_data(self->log, self);
  g_clear_object(&self->log);
  g_clear_object(&self->selection);
  g_clear_pointer((GtkWidget **)&self->stack, gtk_widget_unparent);
  G_OBJECT_CLASS(sy_log_view_parent_class)->dispose(object);
}

static void sy_log_view_class_init(SyLogViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

  G_OBJECT_CLASS(klass)->dispose = sy_log_view_dispose;
  widget_class->focus = sy_log_view_focus;
  gtk_widget_class_install_action(widget_class, "log.copy", NULL, activate_copy);
  gtk_widget_class_add_binding_action(widget_class, GDK_KEY_c, GDK_CONTROL_MASK, "log.copy", NULL);
  gtk_widget_class_set_layout_manager_type(widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_template_from_resource(widget_class,
                                              "/dev/switchyard/Workstation/ui/sy-log-view.ui");
  gtk_widget_class_bind_template_child(widget_class, SyLogView, stack);
  gtk_widget_class_bind_template_child(widget_class, SyLogView, copy_button);
  gtk_widget_class_bind_template_child(widget_class, SyLogView, scroller);
  gtk_widget_class_bind_template_child(widget_class, SyLogView, list);
  gtk_widget_class_bind_template_child(widget_class, SyLogView, newest_revealer);
  gtk_widget_class_bind_template_callback(widget_class, on_newest);
}

static void sy_log_view_init(SyLogView *self)
{
  GtkAdjustment *adjustment;

  gtk_widget_init_template(GTK_WIDGET(self));
  self->following = TRUE;
  renew_factory(self);
  adjustment = gtk_scrolled_window_get_vadjustment(self->scroller);
  g_signal_connect_object(adjustment, "value-changed", G_CALLBACK(on_scrolled), self,
                          G_CONNECT_SWAPPED);
  g_signal_connect_object(adjustment, "changed", G_CALLBACK(queue_follow), self, G_CONNECT_SWAPPED);
}
