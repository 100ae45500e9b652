/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The bottom of the window: the change, its progress, its end. */

#include "sy-config.h"

#include "sy-progress-panel.h"

#include "sy-announce.h"
#include "sy-format.h"
#include "sy-life.h"
#include "sy-link.h"
#include "sy-link-bars.h"
#include "sy-next.h"
#include "sy-phase-row.h"
#include "sy-plan-list.h"
#include "sy-time-left.h"
#include "sy-wrap-box.h"

#include <adwaita.h>
#include <glib/gi18n.h>

/* Shown of a bar that must not look full while work goes on. */
#define FRACTION_MAX 0.99

enum { TICK_MS = 200, BUTTON_SPACING = 6 };

struct _SyProgressPanel {
  GtkWidget parent_instance;

  GtkWidget *content;
  GtkBox *action_row;
  SyPlanList *plan_list;
  GtkToggleButton *checks_button;
  GtkImage *checks_icon, *checks_arrow;
  GtkLabel *checks_label;
  GtkLabel *reason_label;
  GtkButton *upgrade_button;
  GtkRevealer *revealer;
  GtkWidget *running_box;
  SyPhaseRow *phases;
  GtkBox *phase_row;
  GtkLabel *phase_label;
  GtkLabel *figures_label;
  GtkProgressBar *bar;
  GtkBox *counts_row;
  SyLinkBars *link_bars;
  GtkLabel *counts_label;
  GtkButton *cancel_button;
  GtkWidget *result_box;
  GtkImage *result_icon;
  GtkLabel *result_label;
  GtkLabel *next_label;
  GtkLabel *result_figures;
  SyWrapBox *result_buttons;
  GtkButton *next_button;
  GtkButton *life_button;
  GtkButton *copy_button;

  gboolean narrow;
  SyJob job; /* that runs, or ran last */
  gboolean running;
  gboolean cancelling;
  gboolean has_result; /* the end that is shown has one */
  double shown;
  SyProgress progress; /* of the job, as it was told last */
  SyTimeLeft left;
  SyLinkMeter meter;
  guint tick_source; /* while a job runs: time passes, also when nothing happens */
};

G_DEFINE_FINAL_TYPE(SyProgressPanel, sy_progress_panel, GTK_TYPE_WIDGET)

static void show_summary(SyProgressPanel *self)
{
  SyPlanState worst = sy_plan_list_get_worst(self->plan_list);
  g_autofree char *summary = sy_plan_list_dup_summary(self->plan_list);
  const char *classes[] = {sy_plan_state_get_class(worst), NULL};

  gtk_label_set_text(self->checks_label, summary);
  gtk_image_set_from_icon_name(self->checks_icon, sy_plan_state_get_icon(worst));
  gtk_widget_set_css_classes(GTK_WIDGET(self->checks_icon), classes);
}

static void on_checks_toggled(SyProgressPanel *self)
{
  gboolean all = gtk_toggle_button_get_active(self->checks_button);

  sy_plan_list_set_expanded(self->plan_list, all);
  gtk_image_set_from_icon_name(self->checks_arrow, all ? "pan-down-symbolic" : "pan-up-symbolic");
}

/* In a narrow window a running upgrade gets the room that checks had. */
static void arrange(SyProgressPanel *self)
{
  gboolean one_column = self->narrow && !self->running;
  gboolean checks = !(self->narrow && self->running);
  GtkOrientation lines = self->narrow ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL;
  GtkOrientation orientation = one_column ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL;

  gtk_orientable_set_orientation(GTK_ORIENTABLE(self->action_row), orientation);
  gtk_orientable_set_orientation(GTK_ORIENTABLE(self->phase_row), lines);
  gtk_orientable_set_orientation(GTK_ORIENTABLE(self->counts_row), lines);
  gtk_label_set_xalign(self->reason_label, self->narrow ? 0 : 1);
  gtk_label_set_xalign(self->figures_label, self->narrow ? 0 : 1);
  /* One of the two keeps the button at the end. */
  gtk_widget_set_hexpand(GTK_WIDGET(self->checks_button), checks);
  gtk_widget_set_hexpand(GTK_WIDGET(self->reason_label), !checks);
  gtk_widget_set_visible(GTK_WIDGET(self->checks_button), checks);
  sy_plan_list_set_hushed(self->plan_list, self->running);
}

void sy_progress_panel_set_plan(SyProgressPanel *self, const SyPlan *plan)
{
  GtkWidget *button;

  g_return_if_fail(SY_IS_PROGRESS_PANEL(self));

  button = GTK_WIDGET(self->upgrade_button);
  gtk_label_set_text(self->reason_label, plan->reason ? plan->reason : "");
  gtk_widget_set_visible(GTK_WIDGET(self->reason_label), plan->reason != NULL);
  /* While it runs the button goes on naming the change. */
  if (self->running)
    return;
  gtk_button_set_label(self->upgrade_button, plan->label);
  if (plan->ready && plan->suggested)
    gtk_widget_add_css_class(button, "suggested-action");
  else
    gtk_widget_remove_css_class(button, "suggested-action");
  sy_plan_list_set_checks(self->plan_list, plan->checks);
  show_summary(self);
  arrange(self);
}

void sy_progress_panel_set_narrow(SyProgressPanel *self, gboolean narrow)
{
  g_return_if_fail(SY_IS_PROGRESS_PANEL(self));

  self->narrow = narrow;
  arrange(self);
}

static char *dup_time_left(const SyProgress *progress, double seconds)
{
  g_autofree char *left = NULL;

  /* How long a new program needs to prove itself is not known. */
  if (seconds < 0 || progress->phase >= SY_PHASE_START)
    return NULL;
  left = sy_format_duration(seconds);
  /* Translators: time until the end, as in "12 s left". */
  return g_strdup_printf(_("%s left"), left);
}

static char *dup_figures(const SyProgress *progress, double fraction, double seconds_left)
{
  /* Translators: per cent of the whole job. */
  g_autofree char *percent = g_strdup_printf(_("%d %%"), (int)(fraction * 100));
  g_autofree char *amount = sy_format_amount(progress->bytes_done, progress->bytes_total);
  g_autofree char *rate = sy_format_rate(progress->bytes_per_second);
  g_autofree char *left = dup_time_left(progress, seconds_left);
  const char *pieces[5] = {percent};
  guint count = 1;

  if (progress->bytes_total > 0)
    pieces[count++] = amount;
  if (rate && progress->phase == SY_PHASE_WRITE)
    pieces[count++] = rate;
  if (left)
    pieces[count++] = left;
  return sy_format_pieces(pieces);
}

static void show_phase(SyProgressPanel *self, const SyProgress *progress)
{
  g_autofree char *phase = sy_progress_dup_phase_text(progress);

  if (self->cancelling && progress->phase < SY_PHASE_WHAT_RUNS)
    gtk_label_set_text(self->phase_label, _("Cancelling"));
  else if (self->job == SY_JOB_CONFIRM && progress->phase <= SY_PHASE_TRIAL)
    /* Most of it is waiting for a self-test. */
    gtk_label_set_text(self->phase_label, _("Confirming the program on trial"));
  else
    gtk_label_set_text(self->phase_label, phase);
}

/* What runs, at this moment. */
static void refresh(SyProgressPanel *self)
{
  const SyProgress *progress = &self->progress;
  guint64 now_us = (guint64)g_get_monotonic_time();
  double left =
      sy_time_left_update(&self->left, progress->bytes_done, progress->seconds_left, now_us);
  g_autofree char *figures = dup_figures(progress, self->shown, left);
  g_autofree char *counts = sy_format_counts(&progress->counts);

  sy_link_bars_set_quality(self->link_bars,
                           sy_link_meter_update(&self->meter, &progress->counts, now_us));
  gtk_label_set_text(self->figures_label, figures);
  gtk_label_set_text(self->counts_label, counts);
}

static gboolean on_tick(gpointer user_data)
{
  SyProgressPanel *self = user_data;

  if (self->progress.phase != SY_PHASE_IDLE)
    refresh(self);
  return G_SOURCE_CONTINUE;
}

void sy_progress_panel_set_progress(SyProgressPanel *self, const SyProgress *progress)
{
  g_return_if_fail(SY_IS_PROGRESS_PANEL(self));

  if (!self->running || progress->phase == SY_PHASE_IDLE)
    return;
  self->progress = *progress;
  self->shown = MAX(self->shown, MIN(progress->fraction, FRACTION_MAX));
  show_phase(self, progress);
  sy_phase_row_set_phase(self->phases, progress->phase);
  gtk_progress_bar_set_fraction(self->bar, self->shown);
  refresh(self);
}

void sy_progress_panel_start(SyProgressPanel *self, SyJob job)
{
  g_return_if_fail(SY_IS_PROGRESS_PANEL(self));

  self->job = job;
  self->running = TRUE;
  self->cancelling = FALSE;
  self->has_result = FALSE;
  self->shown = 0;
  self->progress = (SyProgress){.seconds_left = -1};
  sy_time_left_init(&self->left);
  sy_link_meter_init(&self->meter);
  sy_link_bars_set_quality(self->link_bars, SY_LINK_QUALITY_UNKNOWN);
  sy_phase_row_set_job(self->phases, job);
  g_clear_handle_id(&self->tick_source, g_source_remove);
  self->tick_source = g_timeout_add(TICK_MS, on_tick, self);
  gtk_progress_bar_set_fraction(self->bar, 0);
  gtk_label_set_text(self->phase_label, _("Starting"));
  gtk_label_set_text(self->figures_label, "");
  gtk_label_set_text(self->counts_label, "");
  gtk_widget_remove_css_class(GTK_WIDGET(self->upgrade_button), "suggested-action");
  arrange(self);
  gtk_widget_set_visible(self->running_box, TRUE);
  gtk_widget_set_visible(self->result_box, FALSE);
  gtk_revealer_set_reveal_child(self->revealer, TRUE);
}

void sy_progress_panel_set_cancelling(SyProgressPanel *self)
{
  g_return_if_fail(SY_IS_PROGRESS_PANEL(self));

  self->cancelling = TRUE;
  gtk_label_set_text(self->phase_label, _("Cancelling"));
}

typedef struct {
  const char *icon;
  const char *css_class;
} ResultLook;

/* Not the theme's dialog-information: that is a light bulb, as if there were a hint to give. */
static const ResultLook neutral_look = {"sy-information-symbolic", "neutral"};

static ResultLook get_result_look(SyJob job, const SyResult *result)
{
  gboolean kept = result->identity.trial == WIRE_TRIAL_CONFIRMED;

  /* What was to be kept no longer ran, and there was nothing to do. */
  if (job == SY_JOB_CONFIRM && result->outcome == SY_OUTCOME_DONE && !kept)
    return (ResultLook){"dialog-warning-symbolic", "warning"};
  if (job == SY_JOB_CHECK && result->outcome == SY_OUTCOME_DONE)
    return neutral_look;
  /* The old program runs, but a new one that fails is no small matter. */
  if (result->reason == SY_REASON_RETURNED)
    return (ResultLook){"dialog-error-symbolic", "error"};
  switch (result->outcome) {
  case SY_OUTCOME_DONE:
    return (ResultLook){"object-select-symbolic", "success"};
  case SY_OUTCOME_REFUSED:
  case SY_OUTCOME_LINK:
  case SY_OUTCOME_OLD_RUNS:
    if (result->reason == SY_REASON_CANCELLED)
      return neutral_look;
    return (ResultLook){"dialog-warning-symbolic", "warning"};
  case SY_OUTCOME_UNKNOWN:
  default:
    return (ResultLook){"dialog-error-symbolic", "error"};
  }
}

/* Of an upgrade that is done, what a person compares; of anything else, what it cost. */
static char *dup_result_figures(SyJob job, const SyResult *result, const SyLifeTable *table)
{
  g_autofree char *duration = sy_format_duration((double)result->duration_us / G_USEC_PER_SEC);
  /* Translators: how long a job took, as in "Took 12 s". */
  g_autofree char *took = g_strdup_printf(_("Took %s"), duration);
  g_autofree char *bytes = sy_format_size(result->counts.bytes_sent);
  /* Translators: a size that was sent, as in "20.5 KB sent". */
  g_autofree char *sent = g_strdup_printf(_("%s sent"), bytes);
  g_autofree char *summary = table ? sy_life_dup_summary(table) : NULL;
  const char *const pieces[] = {took, job == SY_JOB_READ ? NULL : sent, NULL};
  const char *word = sy_link_quality_get_label(sy_link_quality_of_result(result));
  g_autofree char *link = word ? g_strdup_printf(_("Link %s"), word) : NULL;
  g_autofree char *figures = table ? g_strdup(summary) : sy_format_pieces(pieces);
  g_autofree char *counts = sy_format_counts(&result->counts);

  return link ? g_strdup_printf("%s · %s · %s", figures, link, counts)
              : g_strdup_printf("%s · %s", figures, counts);
}

static void show_end(SyProgressPanel *self, const ResultLook *look, const char *sentence,
                     const char *figures)
{
  const char *classes[] = {"result-icon", look->css_class, NULL};

  self->running = FALSE;
  g_clear_handle_id(&self->tick_source, g_source_remove);
  arrange(self);
  gtk_image_set_from_icon_name(self->result_icon, look->icon);
  gtk_widget_set_css_classes(GTK_WIDGET(self->result_icon), classes);
  gtk_label_set_text(self->result_label, sentence);
  gtk_label_set_text(self->result_figures, figures);
  gtk_widget_set_visible(GTK_WIDGET(self->result_figures), figures[0] != '\0');
  gtk_widget_set_visible(GTK_WIDGET(self->next_label), FALSE);
  gtk_widget_set_visible(GTK_WIDGET(self->next_button), FALSE);
  gtk_widget_set_visible(GTK_WIDGET(self->life_button), FALSE);
  gtk_widget_set_visible(GTK_WIDGET(self->copy_button), self->has_result);
  gtk_widget_set_visible(self->running_box, FALSE);
  gtk_widget_set_visible(self->result_box, TRUE);
  gtk_revealer_set_reveal_child(self->revealer, TRUE);
  sy_announce(GTK_WIDGET(self), sentence, SY_URGENCY_ASSERTIVE);
}

/* The action that does a job anew, as far as there is one: it asks what has to be asked. */
static const char *get_job_action(SyJob job)
{
  switch (job) {
  case SY_JOB_UPGRADE:
    return "win.upgrade";
  case SY_JOB_CHECK:
    return "win.dry-run";
  case SY_JOB_GO_BACK:
    return "win.go-back";
  case SY_JOB_CONFIRM:
    return "win.keep";
  case SY_JOB_READ:
    return "win.compare-station";
  case SY_JOB_IDENTIFY:
  default:
    return NULL;
  }
}

static void show_next_button(SyProgressPanel *self, SyNext next)
{
  const char *action = NULL;
  const char *label = NULL;

  switch (next) {
  case SY_NEXT_TRY_AGAIN:
    action = get_job_action(self->job);
    label = _("Try _Again");
    break;
  case SY_NEXT_GO_BACK:
    action = "win.go-back";
    label = _("Go _Back…");
    break;
  case SY_NEXT_OPEN:
    action = "win.open";
    label = _("Open…");
    break;
  case SY_NEXT_UPGRADE: /* its button is there anyway: another would come under the pointer */
  case SY_NEXT_NOTHING:
  default:
    break;
  }
  gtk_widget_set_visible(GTK_WIDGET(self->next_button), action != NULL);
  if (!action)
    return;
  gtk_button_set_label(self->next_button, label);
  gtk_actionable_set_action_name(GTK_ACTIONABLE(self->next_button), action);
}

/* `text` may be NULL. */
static void show_next(SyProgressPanel *self, const char *text, SyNext next)
{
  gtk_label_set_text(self->next_label, text ? text : "");
  gtk_widget_set_visible(GTK_WIDGET(self->next_label), text != NULL);
  show_next_button(self, next);
}

const char *sy_progress_panel_get_sentence(SyProgressPanel *self)
{
  g_return_val_if_fail(SY_IS_PROGRESS_PANEL(self), NULL);

  return gtk_label_get_text(self->result_label);
}

void sy_progress_panel_finish(SyProgressPanel *self, const SyResult *result)
{
  g_autofree char *sentence = NULL;
  g_autofree char *next = NULL;
  g_autofree char *figures = NULL;
  SyLifeTable table;
  gboolean told = sy_life_table_fill(&table, result);
  ResultLook look;

  g_return_if_fail(SY_IS_PROGRESS_PANEL(self));

  sentence = sy_result_dup_account(self->job, result);
  next = sy_result_dup_next_text(self->job, result);
  figures = dup_result_figures(self->job, result, told ? &table : NULL);
  look = get_result_look(self->job, result);
  self->has_result = TRUE;
  show_end(self, &look, sentence, figures);
  show_next(self, next, sy_result_get_next(self->job, result));
  gtk_widget_set_visible(GTK_WIDGET(self->life_button), told);
}

void sy_progress_panel_abandon(SyProgressPanel *self, const GError *error)
{
  const ResultLook warning = {"dialog-warning-symbolic", "warning"};
  g_autofree char *sentence = NULL;

  g_return_if_fail(SY_IS_PROGRESS_PANEL(self));
  g_return_if_fail(error);

  if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    show_end(self, &neutral_look, error->message, "");
    return;
  }
  /* What the link says is a sentence for people already; what GIO says is not. */
  if (error->domain != SY_LINK_ERROR)
    sentence = g_strdup_printf(
        _("It was not begun: %s. The substation was not changed. Try again."), error->message);
  show_end(self, &warning, sentence ? sentence : error->message, "");
}

static char *dup_what_runs(const WireIdentity *identity)
{
  g_autofree char *now = sy_identity_dup_sentence(identity);
  g_autofree char *trial = NULL;

  if (identity->trial != WIRE_TRIAL_RETURNED)
    return g_steal_pointer(&now);
  trial = sy_identity_dup_trial_text(identity);
  /* Translators: a sentence such as "The substation runs LOW 1.0.0.", then "went back from HIGH
   * 1.2.0: it crashed". */
  return g_strdup_printf(_("%s It %s."), now, trial);
}

void sy_progress_panel_heard_again(SyProgressPanel *self, const WireIdentity *identity,
                                   gboolean new_runs)
{
  const ResultLook success = {"object-select-symbolic", "success"};
  g_autofree char *now = NULL;
  g_autofree char *sentence = NULL;

  g_return_if_fail(SY_IS_PROGRESS_PANEL(self));
  g_return_if_fail(identity);

  now = dup_what_runs(identity);
  /* Translators: before a sentence such as "The substation runs LOW 1.0.0." */
  sentence = g_strdup_printf(_("Heard again. %s"), now);
  show_end(self, new_runs ? &success : &neutral_look, sentence, "");
  if (!new_runs)
    show_next(self, _("You can begin again at any time."), SY_NEXT_TRY_AGAIN);
}

void sy_progress_panel_clear(SyProgressPanel *self)
{
  g_return_if_fail(SY_IS_PROGRESS_PANEL(self));
  g_return_if_fail(!self->running);

  gtk_revealer_set_reveal_child(self->revealer, FALSE);
}

static void sy_progress_panel_dispose(GObject *object)
{
  SyProgressPanel *self = SY_PROGRESS_PANEL(object);

  g_clear_pointer(&self->content, gtk_widget_unparent);
  g_clear_handle_id(&self->tick_source, g_source_remove);
  G_OBJECT_CLASS(sy_progress_panel_parent_class)->dispose(object);
}

static void sy_progress_panel_class_init(SyProgressPanelClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

  G_OBJECT_CLASS(klass)->dispose = sy_progress_panel_dispose;
  gtk_widget_class_set_layout_manager_type(widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_css_name(widget_class, "progresspanel");
  g_type_ensure(SY_TYPE_PLAN_LIST);
  g_type_ensure(SY_TYPE_PHASE_ROW);
  g_type_ensure(SY_TYPE_LINK_BARS);
  g_type_ensure(SY_TYPE_WRAP_BOX);
  gtk_widget_class_set_template_from_resource(
      widget_class, "/dev/switchyard/Workstation/ui/sy-progress-panel.ui");
#define BIND(name) gtk_widget_class_bind_template_child(widget_class, SyProgressPanel, name)
  BIND(content);
  BIND(action_row);
  BIND(plan_list);
  BIND(checks_button);
  BIND(checks_icon);
  BIND(checks_arrow);
  BIND(checks_label);
  BIND(reason_label);
  BIND(upgrade_button);
  BIND(revealer);
  BIND(running_box);
  BIND(phases);
  BIND(phase_row);
  BIND(phase_label);
  BIND(figures_label);
  BIND(bar);
  BIND(counts_row);
  BIND(link_bars);
  BIND(counts_label);
  BIND(cancel_button);
  BIND(result_box);
  BIND(result_icon);
  BIND(result_label);
  BIND(next_label);
  BIND(result_figures);
  BIND(result_buttons);
  BIND(next_button);
  BIND(life_button);
  BIND(copy_button);
#undef BIND
  gtk_widget_class_bind_template_callback(widget_class, on_checks_toggled);
}

static void sy_progress_panel_init(SyProgressPanel *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
  sy_announce_label(self->phase_label);
  sy_wrap_box_set_spacing(self->result_buttons, BUTTON_SPACING, BUTTON_SPACING);
}
