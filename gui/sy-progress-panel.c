/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The bottom of the window: the change, its progress, its end. */

#include "sy-config.h"

#include "sy-progress-panel.h"

#include "sy-format.h"
#include "sy-life.h"
#include "sy-link.h"

#include <adwaita.h>
#include <glib/gi18n.h>

/* Shown of a bar that must not look full while work goes on. */
#define FRACTION_MAX 0.99

struct _SyProgressPanel {
  GtkWidget parent_instance;

  GtkWidget *content;
  GtkBox *action_row;
  GtkLabel *checks_label;
  GtkLabel *reason_label;
  GtkButton *upgrade_button;
  GtkRevealer *revealer;
  GtkWidget *running_box;
  GtkBox *phase_row;
  GtkLabel *phase_label;
  GtkLabel *figures_label;
  GtkProgressBar *bar;
  GtkLabel *counts_label;
  GtkButton *cancel_button;
  GtkWidget *result_box;
  GtkImage *result_icon;
  GtkLabel *result_label;
  GtkLabel *result_figures;
  GtkButton *life_button;

  GArray *checks; /* of SyPlanCheck whose texts are owned; for repainting in another style */
  gboolean narrow;
  SyJob job; /* that runs, or ran last */
  gboolean running;
  gboolean cancelling;
  double shown;
};

G_DEFINE_FINAL_TYPE(SyProgressPanel, sy_progress_panel, GTK_TYPE_WIDGET)

static const char *get_sign_colour(SySeverity severity)
{
  /* libadwaita's success, warning and error colours, as text. */
  static const char *const light[] = {"#1b8553", "#9c6e03", "#c01c28"};
  static const char *const dark[] = {"#8ff0a4", "#f8e45c", "#ff7b63"};

  return adw_style_manager_get_dark(adw_style_manager_get_default()) ? dark[severity]
                                                                     : light[severity];
}

static void append_check(GString *markup, GString *words, const SyPlanCheck *check)
{
  static const char *const signs[] = {"✓", "⚠", "✗"};
  const char *const spoken[] = {_("passed"), _("warning"), _("failed")};
  g_auto(GStrv) parts = g_strsplit(check->text, " ", -1);
  /* A line break must not part a sign from its words. */
  g_autofree char *joined = g_strjoinv("\302\240", parts);
  g_autofree char *escaped = g_markup_escape_text(joined, -1);

  if (markup->len > 0) {
    g_string_append(markup, "    ");
    g_string_append(words, ", ");
  }
  g_string_append_printf(markup, "<span foreground=\"%s\" weight=\"bold\">%s</span>\302\240%s",
                         get_sign_colour(check->severity), signs[check->severity], escaped);
  g_string_append_printf(words, "%s: %s", check->text, spoken[check->severity]);
}

/* What the few words leave open. */
static void show_details(SyProgressPanel *self)
{
  g_autoptr(GString) details = g_string_new(NULL);

  for (guint n = 0; n < self->checks->len; n++) {
    const SyPlanCheck *check = &g_array_index(self->checks, SyPlanCheck, n);

    if (check->detail)
      g_string_append_printf(details, "%s%s", details->len > 0 ? "\n" : "", check->detail);
  }
  gtk_widget_set_tooltip_text(GTK_WIDGET(self->checks_label),
                              details->len > 0 ? details->str : NULL);
  gtk_accessible_update_property(GTK_ACCESSIBLE(self->checks_label),
                                 GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, details->str, -1);
}

static void show_checks(SyProgressPanel *self)
{
  g_autoptr(GString) markup = g_string_new(NULL);
  g_autoptr(GString) words = g_string_new(NULL);

  for (guint n = 0; n < self->checks->len; n++)
    append_check(markup, words, &g_array_index(self->checks, SyPlanCheck, n));
  gtk_label_set_markup(self->checks_label, markup->str);
  gtk_accessible_update_property(GTK_ACCESSIBLE(self->checks_label), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                 words->str, -1);
  show_details(self);
}

static void keep_checks(SyProgressPanel *self, const GArray *checks)
{
  g_array_set_size(self->checks, 0);
  for (guint n = 0; n < checks->len; n++) {
    const SyPlanCheck *check = &g_array_index(checks, SyPlanCheck, n);
    SyPlanCheck copy = {check->severity, g_strdup(check->text), g_strdup(check->detail)};

    g_array_append_val(self->checks, copy);
  }
}

/* In a narrow window a running upgrade gets the room that checks had. */
static void arrange(SyProgressPanel *self)
{
  gboolean one_column = self->narrow && !self->running;
  gboolean checks = self->checks->len > 0 && !(self->narrow && self->running);
  GtkOrientation lines = self->narrow ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL;
  GtkOrientation orientation = one_column ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL;

  gtk_orientable_set_orientation(GTK_ORIENTABLE(self->action_row), orientation);
  gtk_orientable_set_orientation(GTK_ORIENTABLE(self->phase_row), lines);
  gtk_orientable_set_orientation(GTK_ORIENTABLE(self->result_box), lines);
  gtk_label_set_xalign(self->reason_label, self->narrow ? 0 : 1);
  gtk_label_set_xalign(self->figures_label, self->narrow ? 0 : 1);
  /* One of the two keeps the button at the end. */
  gtk_widget_set_hexpand(GTK_WIDGET(self->reason_label), !checks);
  gtk_widget_set_visible(GTK_WIDGET(self->checks_label), checks);
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
  keep_checks(self, plan->checks);
  show_checks(self);
  arrange(self);
}

void sy_progress_panel_set_narrow(SyProgressPanel *self, gboolean narrow)
{
  g_return_if_fail(SY_IS_PROGRESS_PANEL(self));

  self->narrow = narrow;
  arrange(self);
}

void sy_progress_panel_start(SyProgressPanel *self, SyJob job)
{
  g_return_if_fail(SY_IS_PROGRESS_PANEL(self));

  self->job = job;
  self->running = TRUE;
  self->cancelling = FALSE;
  self->shown = 0;
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

static char *dup_time_left(const SyProgress *progress)
{
  g_autofree char *left = NULL;

  /* How long a new program needs to prove itself is not known. */
  if (progress->seconds_left < 0 || progress->phase >= SY_PHASE_START)
    return NULL;
  left = sy_format_duration(progress->seconds_left);
  /* Translators: time until the end, as in "12 s left". */
  return g_strdup_printf(_("%s left"), left);
}

static char *dup_figures(const SyProgress *progress, double fraction)
{
  /* Translators: per cent of the whole job. */
  g_autofree char *percent = g_strdup_printf(_("%d %%"), (int)(fraction * 100));
  g_autofree char *amount = sy_format_amount(progress->bytes_done, progress->bytes_total);
  g_autofree char *rate = sy_format_rate(progress->bytes_per_second);
  g_autofree char *left = dup_time_left(progress);
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

void sy_progress_panel_set_progress(SyProgressPanel *self, const SyProgress *progress)
{
  g_autofree char *figures = NULL;
  g_autofree char *counts = NULL;

  g_return_if_fail(SY_IS_PROGRESS_PANEL(self));

  if (!self->running || progress->phase == SY_PHASE_IDLE)
    return;
  self->shown = MAX(self->shown, MIN(progress->fraction, FRACTION_MAX));
  figures = dup_figures(progress, self->shown);
  counts = sy_format_counts(&progress->counts);
  show_phase(self, progress);
  gtk_progress_bar_set_fraction(self->bar, self->shown);
  gtk_label_set_text(self->figures_label, figures);
  gtk_label_set_text(self->counts_label, counts);
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
  g_autofree char *figures = table ? g_strdup(summary) : sy_format_pieces(pieces);
  g_autofree char *counts = sy_format_counts(&result->counts);

  return g_strdup_printf("%s · %s", figures, counts);
}

static void show_end(SyProgressPanel *self, const ResultLook *look, const char *sentence,
                     const char *figures)
{
  const char *classes[] = {"result-icon", look->css_class, NULL};

  self->running = FALSE;
  arrange(self);
  gtk_image_set_from_icon_name(self->result_icon, look->icon);
  gtk_widget_set_css_classes(GTK_WIDGET(self->result_icon), classes);
  gtk_label_set_text(self->result_label, sentence);
  gtk_label_set_text(self->result_figures, figures);
  gtk_widget_set_visible(GTK_WIDGET(self->result_figures), figures[0] != '\0');
  gtk_widget_set_visible(GTK_WIDGET(self->life_button), FALSE);
  gtk_widget_set_visible(self->running_box, FALSE);
  gtk_widget_set_visible(self->result_box, TRUE);
  gtk_revealer_set_reveal_child(self->revealer, TRUE);
}

void sy_progress_panel_finish(SyProgressPanel *self, const SyResult *result)
{
  g_autofree char *sentence = NULL;
  g_autofree char *figures = NULL;
  SyLifeTable table;
  gboolean told = sy_life_table_fill(&table, result);
  ResultLook look;

  g_return_if_fail(SY_IS_PROGRESS_PANEL(self));

  sentence = sy_result_dup_sentence(self->job, result);
  figures = dup_result_figures(self->job, result, told ? &table : NULL);
  look = get_result_look(self->job, result);
  show_end(self, &look, sentence, figures);
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
  g_clear_pointer(&self->checks, g_array_unref);
  G_OBJECT_CLASS(sy_progress_panel_parent_class)->dispose(object);
}

static void clear_check(gpointer data)
{
  SyPlanCheck *check = data;

  g_free(check->text);
  g_free(check->detail);
}

static void sy_progress_panel_class_init(SyProgressPanelClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

  G_OBJECT_CLASS(klass)->dispose = sy_progress_panel_dispose;
  gtk_widget_class_set_layout_manager_type(widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_css_name(widget_class, "progresspanel");
  gtk_widget_class_set_template_from_resource(
      widget_class, "/dev/switchyard/Workstation/ui/sy-progress-panel.ui");
#define BIND(name) gtk_widget_class_bind_template_child(widget_class, SyProgressPanel, name)
  BIND(content);
  BIND(action_row);
  BIND(checks_label);
  BIND(reason_label);
  BIND(upgrade_button);
  BIND(revealer);
  BIND(running_box);
  BIND(phase_row);
  BIND(phase_label);
  BIND(figures_label);
  BIND(bar);
  BIND(counts_label);
  BIND(cancel_button);
  BIND(result_box);
  BIND(result_icon);
  BIND(result_label);
  BIND(result_figures);
  BIND(life_button);
#undef BIND
}

static void sy_progress_panel_init(SyProgressPanel *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
  self->checks = g_array_new(FALSE, FALSE, sizeof(SyPlanCheck));
  g_array_set_clear_func(self->checks, clear_check);
  g_signal_connect_object(adw_style_manager_get_default(), "notify::dark", G_CALLBACK(show_checks),
                          self, G_CONNECT_SWAPPED);
}
