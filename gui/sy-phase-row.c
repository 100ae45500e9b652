/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The phases of a job. */

#include "sy-config.h"

#include "sy-phase-row.h"

#include "sy-wrap-box.h"

#include <glib/gi18n.h>

enum { PHASES_MAX = 7, SPACING = 4 };

struct _SyPhaseRow {
  GtkWidget parent_instance;

  GtkWidget *box;
  GtkWidget *labels[PHASES_MAX];
  SyJob job;
  guint count;
  guint now;
};

G_DEFINE_FINAL_TYPE(SyPhaseRow, sy_phase_row, GTK_TYPE_WIDGET)

/* Short: all of them stand in one row. */
static const char *get_name(SyPhase phase)
{
  switch (phase) {
  case SY_PHASE_CONNECT:
    /* Translators: phases of a job, as short as can be. */
    return _("Connect");
  case SY_PHASE_LINE:
    return _("Test line");
  case SY_PHASE_ENTER:
    /* Translators: the substation enters its loader. */
    return _("Enter");
  case SY_PHASE_ERASE:
    return _("Erase");
  case SY_PHASE_READ:
    return _("Read");
  case SY_PHASE_WRITE:
    return _("Write");
  case SY_PHASE_COMMIT:
    return _("Check");
  case SY_PHASE_START:
    /* Translators: the new program starts. */
    return _("Start");
  case SY_PHASE_TRIAL:
    return _("Trial");
  case SY_PHASE_IDLE:
  case SY_PHASE_RATE:
  case SY_PHASE_WHAT_RUNS:
  case SY_PHASE_FINISHED:
  case SY_PHASE_COUNT:
  default:
    return "";
  }
}

static const SyPhase *get_phases(SyJob job, guint *count)
{
  static const SyPhase upgrade[] = {SY_PHASE_CONNECT, SY_PHASE_ENTER,  SY_PHASE_ERASE,
                                    SY_PHASE_WRITE,   SY_PHASE_COMMIT, SY_PHASE_START,
                                    SY_PHASE_TRIAL};
  static const SyPhase confirm[] = {SY_PHASE_CONNECT, SY_PHASE_TRIAL};
  static const SyPhase back[] = {SY_PHASE_CONNECT, SY_PHASE_START, SY_PHASE_TRIAL};
  static const SyPhase read[] = {SY_PHASE_CONNECT, SY_PHASE_ENTER, SY_PHASE_READ};
  static const SyPhase check[] = {SY_PHASE_CONNECT, SY_PHASE_LINE};

  switch (job) {
  case SY_JOB_CONFIRM:
    *count = G_N_ELEMENTS(confirm);
    return confirm;
  case SY_JOB_GO_BACK:
    *count = G_N_ELEMENTS(back);
    return back;
  case SY_JOB_READ:
    *count = G_N_ELEMENTS(read);
    return read;
  case SY_JOB_CHECK:
    *count = G_N_ELEMENTS(check);
    return check;
  case SY_JOB_IDENTIFY:
  case SY_JOB_UPGRADE:
  default:
    *count = G_N_ELEMENTS(upgrade);
    return upgrade;
  }
}

static void show(SyPhaseRow *self)
{
  const SyPhase *phases = get_phases(self->job, &self->count);
  g_autofree char *heard = NULL;

  for (guint n = 0; n < PHASES_MAX; n++) {
    const char *classes[] = {"phase",
                             n == self->now  ? "now"
                             : n < self->now ? "over"
                                             : "ahead",
                             NULL};
    const char *sign = n == self->now ? "▸ " : n < self->now ? "✓ " : "";
    g_autofree char *text = NULL;

    gtk_widget_set_visible(self->labels[n], n < self->count);
    if (n >= self->count)
      continue;
    text = g_strdup_printf("%s%s", sign, get_name(phases[n]));
    gtk_label_set_text(GTK_LABEL(self->labels[n]), text);
    gtk_widget_set_css_classes(self->labels[n], classes);
  }
  /* Translators: number, of how many, and name, as in "Phase 4 of 7: Write". */
  heard = g_strdup_printf(_("Phase %u of %u: %s"), self->now + 1, self->count,
                          get_name(phases[self->now]));
  gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_LABEL, heard, -1);
}

void sy_phase_row_set_job(SyPhaseRow *self, SyJob job)
{
  g_return_if_fail(SY_IS_PHASE_ROW(self));

  self->job = job;
  self->now = 0;
  show(self);
}

void sy_phase_row_set_phase(SyPhaseRow *self, SyPhase phase)
{
  const SyPhase *phases;
  guint count;

  g_return_if_fail(SY_IS_PHASE_ROW(self));

  phases = get_phases(self->job, &count);
  if (phase == SY_PHASE_RATE) /* still on the way into the loader */
    phase = SY_PHASE_ENTER;
  for (guint n = 0; n < count; n++) {
    if (phases[n] != phase || n == self->now)
      continue;
    self->now = n;
    show(self);
    return;
  }
}

char *sy_phase_row_dup_text(SyPhaseRow *self)
{
  GString *text = g_string_new(NULL);

  g_return_val_if_fail(SY_IS_PHASE_ROW(self), g_string_free(text, FALSE));

  for (guint n = 0; n < self->count; n++)
    g_string_append_printf(text, "%s%s", n > 0 ? " · " : "",
                           gtk_label_get_text(GTK_LABEL(self->labels[n])));
  return g_string_free(text, FALSE);
}

static void sy_phase_row_dispose(GObject *object)
{
  SyPhaseRow *self = SY_PHASE_ROW(object);

  g_clear_pointer(&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS(sy_phase_row_parent_class)->dispose(object);
}

static void sy_phase_row_class_init(SyPhaseRowClass *klass)
{
  G_OBJECT_CLASS(klass)->dispose = sy_phase_row_dispose;
  gtk_widget_class_set_layout_manager_type(GTK_WIDGET_CLASS(klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role(GTK_WIDGET_CLASS(klass), GTK_ACCESSIBLE_ROLE_GROUP);
}

static void sy_phase_row_init(SyPhaseRow *self)
{
  self->box = sy_wrap_box_new(SPACING, SPACING);
  gtk_widget_set_parent(self->box, GTK_WIDGET(self));
  for (guint n = 0; n < PHASES_MAX; n++) {
    self->labels[n] = gtk_label_new(NULL);
    sy_wrap_box_append(SY_WRAP_BOX(self->box), self->labels[n]);
  }
  sy_phase_row_set_job(self, SY_JOB_UPGRADE);
}
