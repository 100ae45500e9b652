/* SPDX-License-Identifier: GPL-3.0-or-later */

/* SyWindow: drills on a virtual substation. A drill is an upgrade for which something was made to
 * go wrong; when it has ended it is judged, once all that happened is known. */

#include "sy-config.h"

#include "sy-window-private.h"

#include "sy-drill-row.h"
#include "sy-locate.h"

#include <glib/gi18n.h>

static SyVirtual *get_virtual(SyWindow *self)
{
  return self->station ? sy_station_get_virtual(self->station) : NULL;
}

static SyDrillRow *get_row(SyWindow *self, const SyDrill *drill)
{
  return SY_DRILL_ROW(sy_drills_page_get_row(self->drills_page, drill));
}

static guint count_fired(SyWindow *self)
{
  const char *fault = self->drill ? self->drill->fault : NULL;
  guint fired = fault ? sy_virtual_count_fired(get_virtual(self), fault) : 0;

  /* A substation that died is another one, which counts anew. */
  return fired > self->drill_fired ? fired - self->drill_fired : 0;
}

static AdwViewStackPage *get_stack_page(AdwViewStack *stack)
{
  return adw_view_stack_get_page(stack, adw_view_stack_get_child_by_name(stack, "drills"));
}

static void set_standing(SyWindow *self, const SyDrill *drill)
{
  self->standing = drill;
  sy_drills_page_set_standing(self->drills_page, drill);
  adw_view_stack_page_set_needs_attention(get_stack_page(self->pages), drill != NULL);
  adw_view_stack_page_set_needs_attention(get_stack_page(self->narrow_pages), drill != NULL);
}

/* --- what can be done now --- */

/* A page that is gone can't stay in sight. */
static void show_pages(SyWindow *self, gboolean visible)
{
  AdwViewStack *const stacks[] = {self->pages, self->narrow_pages};

  for (guint n = 0; n < G_N_ELEMENTS(stacks); n++) {
    if (!visible && g_strcmp0(adw_view_stack_get_visible_child_name(stacks[n]), "drills") == 0)
      adw_view_stack_set_visible_child_name(stacks[n], "image");
    adw_view_stack_page_set_visible(get_stack_page(stacks[n]), visible);
  }
}

static const char *get_reason(SyWindow *self)
{
  if (self->job_cancellable)
    return sy_plan_get_job_text(self->job);
  if (self->drill)
    return _("A drill is being prepared.");
  if (self->standing)
    return _("A fault stands. End it before the next drill.");
  if (sy_station_get_state(self->station) != SY_STATION_CONNECTED)
    return _("The virtual substation does not answer yet.");
  return NULL;
}

void sy_window_update_drills(SyWindow *self)
{
  SyVirtual *substation = get_virtual(self);
  g_autoptr(SyVirtual) last = g_signal_group_dup_target(self->drill_signals);
  const char *reason;

  show_pages(self, substation != NULL);
  if (last != substation) { /* faults and ends were those of another */
    set_standing(self, NULL);
    self->drill = NULL;
    sy_drills_page_clear(self->drills_page);
    g_signal_group_set_target(self->drill_signals, substation);
  }
  reason = substation ? get_reason(self) : NULL;
  sy_drills_page_set_reason(self->drills_page, reason);
  gtk_widget_action_set_enabled(GTK_WIDGET(self), "win.drill", substation && !reason);
  gtk_widget_action_set_enabled(GTK_WIDGET(self), "win.end-fault", self->standing != NULL);
  gtk_widget_action_set_enabled(GTK_WIDGET(self), "win.reset-virtual",
                                substation && !self->job_cancellable && !self->drill);
}

/* --- a drill --- */

/* Runs it: from here on it is an upgrade like any other. */
static void run_drill(SyWindow *self, SyRelease *release)
{
  const SyDrill *drill = self->drill;
  const WireIdentity *identity = sy_station_get_identity(self->station);
  WireBank bank = sy_plan_choose_bank(identity, release);
  g_autofree char *line = NULL;

  self->drill_release = sy_release_ref(release);
  if (drill->fault) {
    self->drill_fired = sy_virtual_count_fired(get_virtual(self), drill->fault);
    sy_virtual_add_fault(get_virtual(self), drill->fault, sy_drill_get_number(drill, bank));
  }
  /* Translators: a line of the log, %s is the drill's title. */
  line = g_strdup_printf(_("Drill: %s"), _(drill->title));
  sy_station_log(self->station, SY_LOG_INFO, line);
  sy_window_start_job(self, SY_JOB_UPGRADE);
  adw_view_stack_set_visible_child_name(self->narrow_pages, "drills");
  sy_drill_row_show_running(get_row(self, drill), 0);
}

static void load_in_thread(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_autofree char *path = sy_locate_firmware(data);
  g_autoptr(GFile) file = g_file_new_for_path(path);
  g_autoptr(SyImageFile) loaded = NULL;
  GError *error = NULL;

  loaded = sy_image_file_load(file, NULL, cancellable, &error);
  if (loaded)
    g_task_return_pointer(task, sy_release_new_from_file(loaded), (GDestroyNotify)sy_release_unref);
  else
    g_task_return_error(task, error);
}

static void on_loaded(GObject *source, GAsyncResult *result, gpointer user_data)
{
  SyWindow *self = SY_WINDOW(source);
  const SyDrill *drill = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(SyRelease) release = g_task_propagate_pointer(G_TASK(result), &error);

  /* Another port was chosen meanwhile, and perhaps another drill, or the same anew. */
  if (self->drill != drill || self->drill_release)
    return;
  if (!get_virtual(self) || self->job_cancellable) {
    self->drill = NULL;
  } else if (release) {
    run_drill(self, release);
    return;
  } else {
    self->drill = NULL;
    sy_window_tell_trouble(self, _("The Drill Can’t Begin"), error);
  }
  if (self->station)
    sy_window_update_plan(self);
}

/* The opened release, if it can be sent. */
static SyRelease *get_opened(SyWindow *self)
{
  const WireIdentity *identity = sy_station_get_identity(self->station);
  const SyProgram *program;

  if (!self->release || !identity || sy_release_get_error(self->release))
    return NULL;
  program = sy_release_get_program(self->release, sy_plan_choose_bank(identity, self->release));
  return program && program->usable && program->header.product == identity->product ? self->release
                                                                                    : NULL;
}

static void start_drill(SyWindow *self, const SyDrill *drill)
{
  SyRelease *opened = drill->file ? NULL : get_opened(self);
  g_autoptr(GTask) task = NULL;

  self->drill = drill;
  sy_drill_row_clear(get_row(self, drill));
  sy_drills_page_follow(self->drills_page, drill);
  if (opened) {
    run_drill(self, opened);
    return;
  }
  sy_window_update_drills(self);
  task = g_task_new(self, NULL, on_loaded, (gpointer)drill);
  g_task_set_task_data(task, g_strdup(drill->file ? drill->file : "release.hex"), g_free);
  g_task_run_in_thread(task, load_in_thread);
}

/* --- while it runs, and its end --- */

static void on_fired(SyVirtual *substation, const char *kind, guint count, SyWindow *self)
{
  if (!self->drill || g_strcmp0(kind, self->drill->fault) != 0)
    return;
  sy_drill_row_show_running(get_row(self, self->drill), count_fired(self));
  if (!self->drill_told)
    sy_station_log(self->station, SY_LOG_WARNING, _("The drill’s fault has happened"));
  self->drill_told = TRUE;
  /* It may have been ended while it went on happening. */
  if (!self->drill->remedy || self->drill_remedied || self->standing)
    return;
  set_standing(self, self->drill);
  sy_window_update_drills(self);
}

static void on_settled(GObject *source, GAsyncResult *async_result, gpointer user_data)
{
  g_autoptr(SyWindow) self = user_data;
  g_autoptr(GError) error = NULL;
  const SyDrill *drill = self->drill;
  const SyResult *result = self->drill_began ? &self->drill_result : NULL;
  g_autofree char *text = NULL;
  guint fired;

  if (!sy_virtual_sync_finish(SY_VIRTUAL(source), async_result, &error))
    g_warning("virtual substation: %s", error->message);
  if (!drill || get_virtual(self) != SY_VIRTUAL(source))
    return;
  fired = count_fired(self);
  text = sy_drill_dup_end_text(drill, result, fired, self->standing != NULL);
  sy_drill_row_show_end(get_row(self, drill), sy_drill_judge(drill, result, fired), text);
  if (!self->standing)
    sy_virtual_clear_faults(SY_VIRTUAL(source));
  self->drill = NULL;
  sy_window_update_plan(self);
}

void sy_window_end_drill(SyWindow *self, const SyResult *result)
{
  if (!self->drill_release)
    return;
  g_clear_pointer(&self->drill_release, sy_release_unref);
  self->drill_began = result != NULL;
  if (result)
    self->drill_result = *result;
  sy_virtual_sync_async(get_virtual(self), on_settled, g_object_ref(self));
}

/* --- actions --- */

static void activate_drill(GtkWidget *widget, const char *action, GVariant *parameter)
{
  SyWindow *self = SY_WINDOW(widget);
  const SyDrill *drill = sy_drill_find(g_variant_get_string(parameter, NULL));

  if (!drill || !get_virtual(self) || get_reason(self))
    return;
  self->drill_remedied = self->drill_told = FALSE;
  start_drill(self, drill);
}

static void activate_end_fault(GtkWidget *widget, const char *action, GVariant *parameter)
{
  SyWindow *self = SY_WINDOW(widget);

  if (!self->standing)
    return;
  self->drill_remedied = TRUE;
  sy_virtual_clear_faults(get_virtual(self));
  if (!sy_virtual_get_plugged(get_virtual(self)))
    sy_virtual_set_plugged(get_virtual(self), TRUE);
  set_standing(self, NULL);
  sy_window_update_plan(self);
  sy_window_identify(self);
}

static void activate_reset(GtkWidget *widget, const char *action, GVariant *parameter)
{
  SyWindow *self = SY_WINDOW(widget);

  if (!get_virtual(self) || self->job_cancellable || self->drill)
    return;
  sy_virtual_reset(get_virtual(self));
  set_standing(self, NULL);
  sy_drills_page_clear(self->drills_page);
  sy_station_log(self->station, SY_LOG_INFO, _("The virtual substation is as on its first day"));
  sy_window_update_plan(self);
  sy_window_identify(self);
}

void sy_window_class_init_drill_actions(GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action(widget_class, "win.drill", "s", activate_drill);
  gtk_widget_class_install_action(widget_class, "win.end-fault", NULL, activate_end_fault);
  gtk_widget_class_install_action(widget_class, "win.reset-virtual", NULL, activate_reset);
}

void sy_window_init_drills(SyWindow *self)
{
  self->drill_signals = g_signal_group_new(SY_TYPE_VIRTUAL);
  g_signal_group_connect(self->drill_signals, "fault-fired", G_CALLBACK(on_fired), self);
}

void sy_window_dispose_drills(SyWindow *self)
{
  self->drill = NULL;
  g_clear_object(&self->drill_signals);
  g_clear_pointer(&self->drill_release, sy_release_unref);
}
