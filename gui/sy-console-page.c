/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The console: readings, and messages below them. */

#include "sy-config.h"

#include "sy-console-page.h"

#include "sy-plot.h"
#include "sy-reading.h"

#include <adwaita.h>
#include <glib/gi18n.h>

enum {
  STALE_S = 5,       /* the slowest program reads every two seconds */
  FOLLOW_SLACK = 32, /* pixels; closer to the end than this is at the end */
};

struct _SyConsolePage {
  GtkWidget parent_instance;

  GtkStack *stack;
  AdwStatusPage *status_page;
  GtkLabel *notice_label;
  GtkWidget *readings_box;
  GtkFlowBox *tiles;
  SyPlot *plot;
  GtkLabel *figures_label;
  GtkScrolledWindow *scroller;
  GtkTextView *view;
  GtkWidget *tile[WIRE_CHANNELS];
  GtkLabel *values[WIRE_CHANNELS];

  SyStation *station;
  SyConsole *console; /* the station's */
  GSignalGroup *station_signals;
  GSignalGroup *console_signals;
  GSignalGroup *lines_signals;
  gboolean following;
  gboolean moving; /* not by a person */
  guint follow_id;
  double last_value;
  guint tick_id; /* while it is seen */
};

G_DEFINE_FINAL_TYPE(SyConsolePage, sy_console_page, GTK_TYPE_WIDGET)

enum { MESSAGE, SAVE, N_SIGNALS };

static guint signals[N_SIGNALS];

/* --- what there is to say when nothing is heard --- */

static guint count_readings(SyConsolePage *self)
{
  return self->console ? sy_console_get_n_readings(self->console) : 0;
}

static gboolean is_in_loader(SyConsolePage *self)
{
  const WireIdentity *identity = sy_station_get_identity(self->station);

  return identity && identity->mode == WIRE_MODE_LOADER;
}

static void set_status(SyConsolePage *self, const char *icon, const char *title, const char *text)
{
  adw_status_page_set_icon_name(self->status_page, icon);
  adw_status_page_set_title(self->status_page, title);
  adw_status_page_set_description(self->status_page, text);
}

static void update_status(SyConsolePage *self)
{
  SyStationState state = self->station ? sy_station_get_state(self->station) : SY_STATION_CLOSED;

  if (!self->station)
    set_status(self, "utilities-terminal-symbolic", _("No Port Is Chosen"),
               _("Choose a port to see what its substation sends."));
  else if (state == SY_STATION_UNREACHABLE)
    set_status(self, "dialog-warning-symbolic", _("Nothing Is Heard"),
               _("The substation is not reachable. Below its port stands what to do."));
  else if (state == SY_STATION_CLOSED || state == SY_STATION_OPENING)
    set_status(self, "utilities-terminal-symbolic", _("Listening…"),
               _("What the substation sends by itself appears here."));
  else if (is_in_loader(self))
    set_status(self, "utilities-terminal-symbolic", _("The Loader Sends No Readings"),
               _("They appear here as soon as a program runs."));
  else
    set_status(self, "utilities-terminal-symbolic", _("Nothing Sent Yet"),
               _("The program has sent no readings. They appear here as soon as it does."));
}

static char *dup_time(gint64 time_us)
{
  g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(time_us / G_USEC_PER_SEC);

  return g_date_time_format(time, "%H:%M:%S");
}

/* NULL while readings come. */
static char *dup_notice(SyConsolePage *self)
{
  SyStationState state = sy_station_get_state(self->station);
  guint count = count_readings(self);
  const SyConsoleReading *newest;
  g_autofree char *time = NULL;

  if (count == 0)
    return g_strdup(_("The program has sent no readings yet."));
  newest = sy_console_get_reading(self->console, count - 1);
  if (state != SY_STATION_UNREACHABLE &&
      g_get_real_time() - newest->time_us < STALE_S * G_USEC_PER_SEC)
    return NULL;
  time = dup_time(newest->time_us);
  if (state == SY_STATION_UNREACHABLE)
    /* Translators: a time of day. */
    return g_strdup_printf(_("The substation is not reachable. These were heard until %s."), time);
  if (state == SY_STATION_BUSY)
    return g_strdup_printf(
        _("The program stands still while the job runs. These were heard until %s."), time);
  if (is_in_loader(self))
    return g_strdup_printf(_("The loader sends no readings. These were heard until %s."), time);
  return g_strdup_printf(_("The program has sent no readings since %s."), time);
}

/* --- readings --- */

static void update_tile(SyConsolePage *self, guint channel, const WireReading *reading)
{
  g_autofree char *value = sy_channel_dup_value_text(channel, reading->value[channel]);
  g_autofree char *label = NULL;

  gtk_label_set_text(self->values[channel], value);
  /* Translators: a channel's name and its value. */
  label = g_strdup_printf(_("%s: %s"), sy_channel_get_name(channel), value);
  gtk_accessible_update_property(GTK_ACCESSIBLE(self->tile[channel]), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                 label, -1);
}

static void update_figures(SyConsolePage *self, guint count)
{
  guint64 lost = sy_console_get_n_lost(self->console);
  g_autofree char *kept = g_strdup_printf(ngettext("%u reading", "%u readings", count), count);
  g_autofree char *lost_text =
      g_strdup_printf(ngettext("%u lost", "%u lost", (gulong)lost), (guint)lost);
  g_autofree char *text = g_strdup_printf("%s · %s", kept, lost_text);

  gtk_label_set_text(self->figures_label, text);
}

static void update(SyConsolePage *self)
{
  guint count = count_readings(self);
  guint lines = self->console ? g_list_model_get_n_items(sy_console_get_lines(self->console)) : 0;
  g_autofree char *notice = NULL;

  if (!gtk_widget_get_mapped(GTK_WIDGET(self)))
    return;
  gtk_stack_set_visible_child_name(self->stack, count + lines > 0 ? "console" : "status");
  update_status(self);
  if (!self->station)
    return;
  notice = dup_notice(self);
  gtk_widget_set_visible(GTK_WIDGET(self->notice_label), notice != NULL);
  if (g_strcmp0(notice, gtk_label_get_text(self->notice_label)) != 0)
    gtk_label_set_text(self->notice_label, notice ? notice : "");
  gtk_widget_set_visible(self->readings_box, count > 0);
  if (count == 0)
    return;
  for (guint channel = 0; channel < WIRE_CHANNELS; channel++)
    update_tile(self, channel, &sy_console_get_reading(self->console, count - 1)->reading);
  if (notice)
    gtk_widget_add_css_class(GTK_WIDGET(self->tiles), "stale");
  else
    gtk_widget_remove_css_class(GTK_WIDGET(self->tiles), "stale");
  update_figures(self, count);
}

static gboolean on_tick(gpointer user_data)
{
  SyConsolePage *self = user_data;

  update(self);
  gtk_widget_queue_draw(GTK_WIDGET(self->plot));
  return G_SOURCE_CONTINUE;
}

static GtkWidget *tile_new(SyConsolePage *self, guint channel)
{
  GtkWidget *box = g_object_new(GTK_TYPE_BOX, "orientation", GTK_ORIENTATION_VERTICAL,
                                "accessible-role", GTK_ACCESSIBLE_ROLE_GROUP, NULL);
  GtkWidget *name = gtk_label_new(sy_channel_get_name(channel));
  GtkWidget *value = gtk_label_new("–");

  gtk_label_set_xalign(GTK_LABEL(name), 0);
  gtk_label_set_wrap(GTK_LABEL(name), TRUE);
  gtk_label_set_wrap_mode(GTK_LABEL(name), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign(GTK_LABEL(value), 0);
  gtk_widget_add_css_class(name, "caption");
  gtk_widget_add_css_class(value, "reading-value");
  gtk_widget_add_css_class(box, "reading");
  gtk_box_append(GTK_BOX(box), name);
  gtk_box_append(GTK_BOX(box), value);
  self->values[channel] = GTK_LABEL(value);
  return box;
}

static void add_tiles(SyConsolePage *self)
{
  for (guint channel = 0; channel < WIRE_CHANNELS; channel++) {
    self->tile[channel] = tile_new(self, channel);
    gtk_flow_box_append(self->tiles, self->tile[channel]);
    gtk_widget_set_focusable(gtk_widget_get_parent(self->tile[channel]), FALSE);
  }
}

/* --- messages --- */

static void insert_line(GtkTextBuffer *buffer, GtkTextIter *at, SyLogEntry *entry)
{
  g_autofree char *time = sy_log_entry_dup_time_text(entry);
  const char *tag = sy_log_entry_get_level(entry) == SY_LOG_DEBUG ? "text" : "news";

  gtk_text_buffer_insert_with_tags_by_name(buffer, at, time, -1, "time", NULL);
  gtk_text_buffer_insert(buffer, at, "  ", -1);
  gtk_text_buffer_insert_with_tags_by_name(buffer, at, sy_log_entry_get_text(entry), -1, tag, NULL);
  gtk_text_buffer_insert(buffer, at, "\n", -1);
}

static gboolean follow(gpointer user_data)
{
  SyConsolePage *self = user_data;
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment(self->scroller);

  self->follow_id = 0;
  self->moving = FALSE;
  if (self->following)
    gtk_adjustment_set_value(adjustment, gtk_adjustment_get_upper(adjustment) -
                                             gtk_adjustment_get_page_size(adjustment));
  return G_SOURCE_REMOVE;
}

/* The view has another height, or finds out how high it is, and moves by itself until it has. */
static void queue_follow(SyConsolePage *self)
{
  if (!self->following || self->follow_id != 0)
    return;
  self->moving = TRUE;
  self->follow_id = g_idle_add(follow, self);
}

static void on_lines_changed(GListModel *lines, guint position, guint removed, guint added,
                             SyConsolePage *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer(self->view);
  GtkTextIter begin, end;

  gtk_text_buffer_get_iter_at_line(buffer, &begin, (int)position);
  gtk_text_buffer_get_iter_at_line(buffer, &end, (int)(position + removed));
  gtk_text_buffer_delete(buffer, &begin, &end);
  for (guint n = position; n < position + added; n++) {
    g_autoptr(SyLogEntry) entry = g_list_model_get_item(lines, n);

    insert_line(buffer, &begin, entry);
  }
  update(self);
}

/* Who scrolls up reads; who comes down to the end follows again. */
static void on_scrolled(SyConsolePage *self)
{
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment(self->scroller);
  double value = gtk_adjustment_get_value(adjustment);
  double below =
      gtk_adjustment_get_upper(adjustment) - gtk_adjustment_get_page_size(adjustment) - value;

  if (below < FOLLOW_SLACK)
    self->following = TRUE;
  else if (value < self->last_value && !self->moving)
    self->following = FALSE;
  self->last_value = value;
}

static char *dup_chosen_text(SyConsolePage *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer(self->view);
  GtkTextIter begin, end;

  if (!gtk_text_buffer_get_selection_bounds(buffer, &begin, &end))
    gtk_text_buffer_get_bounds(buffer, &begin, &end);
  return gtk_text_buffer_get_text(buffer, &begin, &end, FALSE);
}

/* --- actions --- */

static void activate_copy_messages(GtkWidget *widget, const char *action, GVariant *parameter)
{
  SyConsolePage *self = SY_CONSOLE_PAGE(widget);
  g_autofree char *text = dup_chosen_text(self);

  if (text[0] == '\0')
    return;
  gdk_clipboard_set_text(gtk_widget_get_clipboard(widget), text);
  g_signal_emit(self, signals[MESSAGE], 0, _("Messages copied"));
}

static void activate_clear(GtkWidget *widget, const char *action, GVariant *parameter)
{
  SyConsolePage *self = SY_CONSOLE_PAGE(widget);

  if (self->console)
    sy_console_clear_lines(self->console);
}

static void activate_copy_readings(GtkWidget *widget, const char *action, GVariant *parameter)
{
  SyConsolePage *self = SY_CONSOLE_PAGE(widget);
  guint count = count_readings(self);
  g_autofree char *csv = NULL;
  g_autofree char *message = NULL;

  if (count == 0)
    return;
  csv = sy_console_dup_csv(self->console);
  gdk_clipboard_set_text(gtk_widget_get_clipboard(widget), csv);
  message = g_strdup_printf(ngettext("%u reading copied", "%u readings copied", count), count);
  g_signal_emit(self, signals[MESSAGE], 0, message);
}

static void activate_save(GtkWidget *widget, const char *action, GVariant *parameter)
{
  g_signal_emit(widget, signals[SAVE], 0);
}

/* --- the page --- */

void sy_console_page_set_station(SyConsolePage *self, SyStation *station)
{
  GtkTextBuffer *buffer;
  GListModel *lines;

  g_return_if_fail(SY_IS_CONSOLE_PAGE(self));

  if (!g_set_object(&self->station, station))
    return;
  self->console = station ? sy_station_get_console(station) : NULL;
  lines = self->console ? sy_console_get_lines(self->console) : NULL;
  g_signal_group_set_target(self->station_signals, station);
  g_signal_group_set_target(self->console_signals, self->console);
  g_signal_group_set_target(self->lines_signals, lines);
  sy_plot_set_console(self->plot, self->console);
  self->following = TRUE;
  buffer = gtk_text_view_get_buffer(self->view);
  gtk_text_buffer_set_text(buffer, "", 0);
  if (lines)
    on_lines_changed(lines, 0, 0, g_list_model_get_n_items(lines), self);
  update(self);
}

static void sy_console_page_map(GtkWidget *widget)
{
  SyConsolePage *self = SY_CONSOLE_PAGE(widget);

  GTK_WIDGET_CLASS(sy_console_page_parent_class)->map(widget);
  self->tick_id = g_timeout_add_seconds(1, on_tick, self);
  update(self);
}

static void sy_console_page_unmap(GtkWidget *widget)
{
  g_clear_handle_id(&SY_CONSOLE_PAGE(widget)->tick_id, g_source_remove);
  GTK_WIDGET_CLASS(sy_console_page_parent_class)->unmap(widget);
}

static void sy_console_page_dispose(GObject *object)
{
  SyConsolePage *self = SY_CONSOLE_PAGE(object);

  g_clear_handle_id(&self->tick_id, g_source_remove);
  g_clear_handle_id(&self->follow_id, g_source_remove);
  g_clear_object(&self->station_signals);
  g_clear_object(&self->console_signals);
  g_clear_object(&self->lines_signals);
  g_clear_object(&self->station);
  g_clear_pointer((GtkWidget **)&self->stack, gtk_widget_unparent);
  G_OBJECT_CLASS(sy_console_page_parent_class)->dispose(object);
}

static void install_actions(GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action(widget_class, "console.copy-readings", NULL,
                                  activate_copy_readings);
  gtk_widget_class_install_action(widget_class, "console.save", NULL, activate_save);
  gtk_widget_class_install_action(widget_class, "console.copy-messages", NULL,
                                  activate_copy_messages);
  gtk_widget_class_install_action(widget_class, "console.clear", NULL, activate_clear);
}

static void sy_console_page_class_init(SyConsolePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

  G_OBJECT_CLASS(klass)->dispose = sy_console_page_dispose;
  widget_class->map = sy_console_page_map;
  widget_class->unmap = sy_console_page_unmap;
  signals[MESSAGE] = g_signal_new("message", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SAVE] = g_signal_new("save", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                               NULL, G_TYPE_NONE, 0);
  install_actions(widget_class);
  g_type_ensure(SY_TYPE_PLOT);
  gtk_widget_class_set_layout_manager_type(widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_template_from_resource(widget_class,
                                              "/dev/switchyard/Workstation/ui/sy-console-page.ui");
  gtk_widget_class_bind_template_child(widget_class, SyConsolePage, stack);
  gtk_widget_class_bind_template_child(widget_class, SyConsolePage, status_page);
  gtk_widget_class_bind_template_child(widget_class, SyConsolePage, notice_label);
  gtk_widget_class_bind_template_child(widget_class, SyConsolePage, readings_box);
  gtk_widget_class_bind_template_child(widget_class, SyConsolePage, tiles);
  gtk_widget_class_bind_template_child(widget_class, SyConsolePage, plot);
  gtk_widget_class_bind_template_child(widget_class, SyConsolePage, figures_label);
  gtk_widget_class_bind_template_child(widget_class, SyConsolePage, scroller);
  gtk_widget_class_bind_template_child(widget_class, SyConsolePage, view);
}

static void init_view(SyConsolePage *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer(self->view);
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment(self->scroller);

  gtk_text_buffer_create_tag(buffer, "time", "font-features", "tnum", NULL);
  gtk_text_buffer_create_tag(buffer, "news", "weight", PANGO_WEIGHT_BOLD, NULL);
  gtk_text_buffer_create_tag(buffer, "text", "family", "monospace", NULL);
  self->following = TRUE;
  g_signal_connect_object(adjustment, "value-changed", G_CALLBACK(on_scrolled), self,
                          G_CONNECT_SWAPPED);
  g_signal_connect_object(adjustment, "changed", G_CALLBACK(queue_follow), self, G_CONNECT_SWAPPED);
}

static void sy_console_page_init(SyConsolePage *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
  add_tiles(self);
  init_view(self);
  self->station_signals = g_signal_group_new(SY_TYPE_STATION);
  g_signal_group_connect_swapped(self->station_signals, "notify::state", G_CALLBACK(update), self);
  g_signal_group_connect_swapped(self->station_signals, "identity-changed", G_CALLBACK(update),
                                 self);
  self->console_signals = g_signal_group_new(SY_TYPE_CONSOLE);
  g_signal_group_connect_swapped(self->console_signals, "readings-changed", G_CALLBACK(update),
                                 self);
  self->lines_signals = g_signal_group_new(G_TYPE_LIST_MODEL);
  g_signal_group_connect(self->lines_signals, "items-changed", G_CALLBACK(on_lines_changed), self);
}
