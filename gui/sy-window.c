/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One substation and one file, and the change that brings them together. */

#include "sy-config.h"

#include "sy-window-private.h"

#include <glib/gi18n.h>

G_DEFINE_FINAL_TYPE(SyWindow, sy_window, ADW_TYPE_APPLICATION_WINDOW)

/* Below bank and version, as in "LOW 1.0.0". */
static const char *get_running_text(const WireIdentity *identity)
{
  switch ((WireTrial)identity->trial) {
  case WIRE_TRIAL_RUNNING:
    return _("on trial");
  case WIRE_TRIAL_CONFIRMED:
    return _("confirmed");
  case WIRE_TRIAL_RETURNED:
    return _("went back");
  case WIRE_TRIAL_NONE:
  default:
    return _("running");
  }
}

/* The running bank must be in sight on every page of a narrow window, so there it is the title. */
static void update_title(SyWindow *self)
{
  const WireIdentity *identity = self->station ? sy_station_get_identity(self->station) : NULL;
  g_autofree char *version = NULL;
  g_autofree char *running = NULL;

  if (!adw_leaflet_get_folded(self->leaflet) || !identity ||
      identity->running_bank == WIRE_BANK_NONE) {
    adw_window_title_set_title(self->title, _("Switchyard"));
    adw_window_title_set_subtitle(self->title, self->file_name ? self->file_name : "");
    return;
  }
  version = sy_version_to_string(identity->program_version);
  running = g_strdup_printf("%s %s", sy_bank_to_string((WireBank)identity->running_bank), version);
  adw_window_title_set_title(self->title, running);
  adw_window_title_set_subtitle(self->title, get_running_text(identity));
}

SyPlan *sy_window_make_plan(SyWindow *self)
{
  SyPlanInput input = {
      .station = self->station,
      .release = self->release,
      .file_name = self->file_name,
      .loading = self->load_cancellable != NULL,
      .load_failed = self->load_failed,
  };

  return sy_plan_new(&input);
}

void sy_window_update_plan(SyWindow *self)
{
  g_autoptr(SyPlan) plan = sy_window_make_plan(self);

  if (self->job_cancellable) {
    plan->ready = FALSE;
    g_free(plan->reason);
    plan->reason = g_strdup(sy_plan_get_job_text(self->job));
  }
  sy_progress_panel_set_plan(self->progress_panel, plan);
  sy_window_update_actions(self, plan);
  sy_window_update_drills(self);
  sy_window_update_board(self);
  update_title(self);
}

void sy_window_update_image(SyWindow *self)
{
  const WireIdentity *identity = self->station ? sy_station_get_identity(self->station) : NULL;

  if (self->load_cancellable || self->load_failed)
    return;
  sy_image_panel_show_release(self->image_panel, self->release,
                              sy_plan_choose_bank(identity, self->release));
}

void sy_window_present_image(SyWindow *self)
{
  adw_view_stack_set_visible_child_name(self->pages, "image");
  adw_view_stack_set_visible_child_name(self->narrow_pages, "image");
}

void sy_window_set_port(SyWindow *self, const char *port)
{
  g_return_if_fail(SY_IS_WINDOW(self));

  if (!self->job_cancellable)
    sy_station_panel_set_port(self->station_panel, port);
}

SyStation *sy_window_get_station(SyWindow *self)
{
  g_return_val_if_fail(SY_IS_WINDOW(self), NULL);

  return self->station;
}

SyRelease *sy_window_get_release(SyWindow *self)
{
  g_return_val_if_fail(SY_IS_WINDOW(self), NULL);

  return self->release;
}

gboolean sy_window_is_busy(SyWindow *self)
{
  g_return_val_if_fail(SY_IS_WINDOW(self), FALSE);

  return self->job_cancellable != NULL;
}

/* In a narrow window the substation's column is a page like the others. */
static void show_narrow_page(SyWindow *self)
{
  const char *name = adw_view_stack_get_visible_child_name(self->narrow_pages);

  if (g_strcmp0(name, "substation") == 0) {
    adw_leaflet_set_visible_child(self->leaflet, self->station_page);
  } else {
    adw_leaflet_set_visible_child(self->leaflet, self->file_page);
    if (name)
      adw_view_stack_set_visible_child_name(self->pages, name);
  }
  sy_window_update_image_actions(self);
  sy_window_update_board(self);
}

static void on_folded(SyWindow *self)
{
  gboolean narrow = adw_leaflet_get_folded(self->leaflet);

  sy_progress_panel_set_narrow(self->progress_panel, narrow);
  sy_log_view_set_narrow(self->log_view, narrow);
  sy_image_panel_set_narrow(self->image_panel, narrow);
  sy_window_set_board_narrow(self, narrow);
  if (narrow)
    adw_split_button_set_icon_name(self->open_button, "document-open-symbolic");
  else
    adw_split_button_set_label(self->open_button, _("_Open"));
  update_title(self);
  show_narrow_page(self);
}

static void on_page(SyWindow *self)
{
  if (!adw_leaflet_get_folded(self->leaflet))
    adw_view_stack_set_visible_child_name(self->narrow_pages,
                                          adw_view_stack_get_visible_child_name(self->pages));
  sy_window_update_image_actions(self);
  sy_window_update_board(self);
}

static gboolean sy_window_close_request(GtkWindow *window)
{
  SyWindow *self = SY_WINDOW(window);

  sy_window_save_state(self);
  if (sy_window_ask_before_close(self))
    return GDK_EVENT_STOP;
  /* Threads hold the window; what they find is nobody's any more. */
  sy_window_cancel_open(self);
  sy_window_cancel_pairing(self);
  sy_window_cancel_recent(self);
  sy_window_cancel_find(self);
  return GTK_WINDOW_CLASS(sy_window_parent_class)->close_request(window);
}

static void sy_window_dispose(GObject *object)
{
  SyWindow *self = SY_WINDOW(object);

  sy_window_cancel_open(self);
  sy_window_cancel_pairing(self);
  sy_window_cancel_recent(self);
  sy_window_dispose_finder(self);
  sy_window_dispose_board(self);
  sy_window_dispose_drills(self);
  sy_window_dispose_station(self);
  g_clear_pointer(&self->release, sy_release_unref);
  g_clear_pointer(&self->file_name, g_free);
  g_clear_pointer(&self->go_back_label, g_free);
  g_clear_pointer(&self->keep_label, g_free);
  g_clear_pointer(&self->life, g_free);
  sy_window_set_end(self, NULL);
  G_OBJECT_CLASS(sy_window_parent_class)->dispose(object);
}

static void sy_window_finalize(GObject *object)
{
  g_clear_object(&SY_WINDOW(object)->board);
  G_OBJECT_CLASS(sy_window_parent_class)->finalize(object);
}

static void bind_children(GtkWidgetClass *widget_class)
{
#define BIND(name) gtk_widget_class_bind_template_child(widget_class, SyWindow, name)
  BIND(toasts);
  BIND(title);
  BIND(open_button);
  BIND(leaflet);
  BIND(station_page);
  BIND(file_page);
  BIND(pages);
  BIND(narrow_pages);
  BIND(station_panel);
  BIND(image_panel);
  BIND(log_view);
  BIND(console_page);
  BIND(progress_panel);
  BIND(station_menu);
  BIND(recent_menu);
  BIND(drills_page);
  BIND(board_bin);
#undef BIND
}

static void sy_window_class_init(SyWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

  G_OBJECT_CLASS(klass)->dispose = sy_window_dispose;
  G_OBJECT_CLASS(klass)->finalize = sy_window_finalize;
  GTK_WINDOW_CLASS(klass)->close_request = sy_window_close_request;
  g_type_ensure(SY_TYPE_DRILLS_PAGE);
  g_type_ensure(SY_TYPE_STATION_PANEL);
  g_type_ensure(SY_TYPE_IMAGE_PANEL);
  g_type_ensure(SY_TYPE_LOG_VIEW);
  g_type_ensure(SY_TYPE_CONSOLE_PAGE);
  g_type_ensure(SY_TYPE_PROGRESS_PANEL);
  gtk_widget_class_set_template_from_resource(widget_class,
                                              "/dev/switchyard/Workstation/ui/sy-window.ui");
  bind_children(widget_class);
  gtk_widget_class_bind_template_callback(widget_class, on_folded);
  gtk_widget_class_bind_template_callback(widget_class, on_page);
  gtk_widget_class_bind_template_callback(widget_class, sy_window_tell);
  gtk_widget_class_bind_template_callback(widget_class, sy_window_ask_save_readings);
  gtk_widget_class_bind_template_callback(widget_class, show_narrow_page);
  sy_window_class_init_actions(widget_class);
  sy_window_class_init_image_actions(widget_class);
  sy_window_class_init_upgrade_actions(widget_class);
  sy_window_class_init_end_actions(widget_class);
  sy_window_class_init_recent(widget_class);
  sy_window_class_init_network(widget_class);
  sy_window_class_init_lines(widget_class);
  sy_window_class_init_drill_actions(widget_class);
  sy_window_class_init_finder(widget_class);
  sy_window_class_init_board_actions(widget_class);
}

static void sy_window_init(SyWindow *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
  sy_window_init_actions(self);
  sy_window_init_recent(self);
  sy_window_init_notify(self);
  sy_window_init_board(self);
  sy_window_restore_state(self);
  sy_window_init_drills(self);
  sy_window_init_station(self);
  sy_window_init_lines(self);
  sy_window_init_finder(self);
  sy_window_set_life(self, NULL);
  sy_window_set_end(self, NULL);
  on_folded(self);
  sy_window_update_plan(self);
}

SyWindow *sy_window_new(GtkApplication *application)
{
  return g_object_new(SY_TYPE_WINDOW, "application", application, NULL);
}
