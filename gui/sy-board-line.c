/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One substation of the board. */

#include "sy-config.h"

#include "sy-board-line.h"

#include "sy-board-details.h"
#include "sy-format.h"

#include <glib/gi18n.h>

/* Shown of a bar that must not look full while work goes on. */
#define FRACTION_MAX 0.99

enum { STATE_CHARS = 12 };

struct _SyBoardLine {
  GtkListBoxRow parent_instance;

  GtkWidget *tile;
  GtkLabel *bank_label;
  GtkLabel *version_label;
  GtkLabel *title_label;
  GtkBox *state_box;
  GtkImage *state_icon;
  GtkLabel *state_label;
  GtkStack *stack;
  GtkLabel *text_label;
  GtkLabel *figures_label;
  GtkProgressBar *bar;
  GtkWidget *indent;
  GtkRevealer *revealer;
  GtkBox *buttons_box;
  GtkButton *act_button;
  GtkToggleButton *details_button;

  SyBoardRow *row;
  char *name; /* for screen readers, as it was told last */
  gboolean narrow;
  double shown;
  guint attempt; /* whose progress that is */
};

G_DEFINE_FINAL_TYPE(SyBoardLine, sy_board_line, GTK_TYPE_LIST_BOX_ROW)

/* --- how it stands, in words --- */

typedef struct {
  const char *icon;
  const char *css_class; /* NULL: none */
  const char *word;
  char *text;
} Look;

/* What Upgrade would do. */
static char *dup_change(const SyPlan *plan, const SyPlanInput *input)
{
  const SyProgram *program = sy_release_get_program(input->release, plan->bank);
  const char *bank = sy_bank_to_string(plan->bank);
  g_autofree char *version = sy_version_to_string(program->header.version);

  switch (plan->loss) {
  case SY_PLAN_DOWNGRADES:
    /* Translators: bank and version. */
    return g_strdup_printf(_("%s will be downgraded to %s."), bank, version);
  case SY_PLAN_REINSTALLS:
    /* Translators: bank and version. */
    return g_strdup_printf(_("%s will get %s, which runs already."), bank, version);
  case SY_PLAN_SENDS_AGAIN:
    /* Translators: bank and version. */
    return g_strdup_printf(_("%s will get %s again, which was left before."), bank, version);
  case SY_PLAN_LOSES_NOTHING:
  case SY_PLAN_CONFIRMS_FIRST:
  case SY_PLAN_LOSSES:
  default:
    /* Translators: bank and version. */
    return g_strdup_printf(_("%s will be upgraded to %s."), bank, version);
  }
}

/* With the window's own job. */
static Look look_elsewhere(const SyPlan *plan)
{
  return (Look){"content-loading-symbolic", NULL, _("Busy"), g_strdup(plan->reason)};
}

static Look look_before(SyBoardLine *self, const SyPlan *plan, const SyPlanInput *input)
{
  SyStation *station = sy_board_row_get_station(self->row);
  const SyTrouble *trouble = sy_station_get_trouble(station);
  SyStationState state = sy_station_get_state(station);

  if (state == SY_STATION_UNREACHABLE && trouble)
    return (Look){"dialog-warning-symbolic", "warning", _("Not reached"), g_strdup(trouble->title)};
  if (!sy_station_get_identity(station))
    return (Look){"content-loading-symbolic", NULL, _("Asking"),
                  g_strdup(_("Waiting for the substation’s answer…"))};
  if (plan->ready)
    return (Look){"go-next-symbolic", NULL, _("Ready"), dup_change(plan, input)};
  return (Look){"dialog-warning-symbolic", "warning", _("Not ready"), g_strdup(plan->reason)};
}

/* The row of a substation that passed, behind which there is another by now. */
static gboolean is_overtaken(SyBoardLine *self, const SyPlan *plan)
{
  const SyResult *result = sy_board_row_get_result(self->row);
  const WireIdentity *identity = sy_station_get_identity(sy_board_row_get_station(self->row));

  return result && result->outcome == SY_OUTCOME_DONE && plan->ready && identity &&
         (identity->running_bank != result->bank || identity->program_version != result->version);
}

static Look look_after(SyBoardLine *self, const SyPlan *plan, const SyPlanInput *input)
{
  SyBoardState state = sy_board_row_get_state(self->row);
  Look look = {.word = sy_board_state_get_label(state),
               .text = g_strdup(sy_board_row_get_sentence(self->row))};

  switch (state) {
  case SY_BOARD_PASSED:
    look.icon = "object-select-symbolic";
    look.css_class = "success";
    if (is_overtaken(self, plan)) {
      g_autofree char *change = dup_change(plan, input);

      g_free(look.text);
      /* Translators: of a substation that was upgraded and runs another program since; then what
       * an upgrade would do, a sentence. */
      look.text = g_strdup_printf(_("Another program runs since. %s"), change);
    }
    break;
  case SY_BOARD_FAILED:
    look.icon = "dialog-error-symbolic";
    look.css_class = "error";
    break;
  case SY_BOARD_NOT_REACHED:
    look.icon = "dialog-warning-symbolic";
    look.css_class = "warning";
    break;
  case SY_BOARD_WAITING:
    look.icon = "content-loading-symbolic";
    break;
  case SY_BOARD_RUNNING:
    look.icon = "media-playback-start-symbolic";
    break;
  case SY_BOARD_CANCELLED:
  case SY_BOARD_READY:
  default:
    look.icon = "process-stop-symbolic";
    break;
  }
  return look;
}

/* `plan` is NULL while its own job runs. */
static Look get_look(SyBoardLine *self, const SyPlan *plan, const SyPlanInput *input)
{
  SyStation *station = sy_board_row_get_station(self->row);

  if (plan && sy_station_get_state(station) == SY_STATION_BUSY)
    return look_elsewhere(plan);
  if (plan && sy_board_row_get_state(self->row) == SY_BOARD_READY)
    return look_before(self, plan, input);
  return look_after(self, plan, input);
}

/* --- showing it --- */

static void show_identity(SyBoardLine *self)
{
  const WireIdentity *identity = sy_station_get_identity(sy_board_row_get_station(self->row));
  gboolean runs = identity && identity->running_bank != WIRE_BANK_NONE;
  g_autofree char *version = runs ? sy_version_to_string(identity->program_version) : NULL;
  const char *classes[] = {"board-tile", runs ? "running" : NULL, NULL};

  gtk_widget_set_css_classes(self->tile, classes);
  gtk_label_set_text(self->bank_label,
                     runs ? sy_bank_to_string((WireBank)identity->running_bank) : "—");
  gtk_label_set_text(self->version_label, version ? version : "");
}

static void show_figures(SyBoardLine *self)
{
  const SyProgress *progress = sy_station_get_progress(sy_board_row_get_station(self->row));
  const char *phase = sy_board_row_get_sentence(self->row);
  g_autofree char *percent = NULL;
  g_autofree char *rate = NULL;
  g_autofree char *text = NULL;

  if (self->attempt != sy_board_row_get_attempts(self->row)) {
    self->attempt = sy_board_row_get_attempts(self->row);
    self->shown = 0;
  }
  self->shown = MAX(self->shown, MIN(sy_board_row_get_progress(self->row), FRACTION_MAX));
  gtk_progress_bar_set_fraction(self->bar, self->shown);
  percent = g_strdup_printf(_("%d %%"), (int)(self->shown * 100));
  if (progress->phase == SY_PHASE_WRITE && !self->narrow)
    rate = sy_format_rate(progress->bytes_per_second);
  text = sy_format_pieces(
      (const char *const[]){percent, phase ? phase : rate, phase ? rate : NULL, NULL});
  gtk_label_set_text(self->figures_label, text);
}

/* Changes with state and phase only: a name that changed with each percent would be read out
 * without end. */
static void show_name(SyBoardLine *self, const Look *look)
{
  const char *running = sy_board_row_get_running(self->row);
  /* Translators: for screen readers: the port's name, what it runs or nothing, its state. */
  g_autofree char *name = g_strdup_printf(_("%s, %s: %s"), sy_board_row_get_title(self->row),
                                          running ? running : _("nothing known"), look->word);
  g_autofree char *whole = look->text ? g_strdup_printf("%s. %s", name, look->text) : NULL;

  if (!whole)
    whole = g_strdup(name);
  if (g_strcmp0(whole, self->name) == 0)
    return;
  g_free(self->name);
  self->name = g_steal_pointer(&whole);
  gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_LABEL, self->name,
                                 -1);
}

static void show_act_button(SyBoardLine *self, gboolean busy)
{
  const char *title = sy_board_row_get_title(self->row);
  const char *icon = busy ? "process-stop-symbolic" : "list-remove-symbolic";
  g_autofree char *name = NULL;

  if (g_strcmp0(gtk_button_get_icon_name(self->act_button), icon) == 0)
    return;
  /* Translators: names of buttons; the port's name. */
  name = busy ? g_strdup_printf(_("Cancel %s"), title)
              : g_strdup_printf(_("Remove %s from the board"), title);
  gtk_button_set_icon_name(self->act_button, icon);
  gtk_widget_set_tooltip_text(GTK_WIDGET(self->act_button), name);
  gtk_accessible_update_property(GTK_ACCESSIBLE(self->act_button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                 name, -1);
}

static void show_look(SyBoardLine *self, const Look *look)
{
  const char *icon_classes[] = {"board-state", look->css_class, NULL};

  if (g_strcmp0(gtk_image_get_icon_name(self->state_icon), look->icon) != 0)
    gtk_image_set_from_icon_name(self->state_icon, look->icon);
  gtk_widget_set_css_classes(GTK_WIDGET(self->state_icon), icon_classes);
  gtk_widget_set_css_classes(GTK_WIDGET(self->state_label), icon_classes);
  gtk_label_set_text(self->state_label, look->word);
  gtk_label_set_text(self->text_label, look->text ? look->text : "");
  show_name(self, look);
}

static SyBoardDetails *get_details(SyBoardLine *self)
{
  GtkWidget *child = gtk_revealer_get_child(self->revealer);

  return child ? SY_BOARD_DETAILS(child) : NULL;
}

/* Said once: in the line, or whole below it. */
static void show_page(SyBoardLine *self)
{
  const char *page = gtk_toggle_button_get_active(self->details_button) ? "below" : "text";

  gtk_stack_set_visible_child_name(self->stack, sy_board_row_is_busy(self->row) ? "running" : page);
}

void sy_board_line_refresh(SyBoardLine *self, const SyPlanInput *input)
{
  gboolean busy;
  g_autoptr(SyPlan) plan = NULL;
  Look look;

  g_return_if_fail(SY_IS_BOARD_LINE(self));

  busy = sy_board_row_is_busy(self->row);
  plan = busy ? NULL : sy_board_plan_row(self->row, input);
  look = get_look(self, plan, input);
  show_identity(self);
  if (busy)
    show_figures(self);
  show_page(self);
  show_look(self, &look);
  show_act_button(self, busy);
  if (get_details(self))
    sy_board_details_refresh(get_details(self), look.text);
  g_free(look.text);
}

void sy_board_line_set_narrow(SyBoardLine *self, gboolean narrow)
{
  GtkOrientation orientation = narrow ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL;

  g_return_if_fail(SY_IS_BOARD_LINE(self));

  self->narrow = narrow;
  gtk_widget_set_visible(self->indent, !narrow);
  gtk_orientable_set_orientation(GTK_ORIENTABLE(self->state_box), orientation);
  gtk_orientable_set_orientation(GTK_ORIENTABLE(self->buttons_box), orientation);
  /* Side by side, sentences begin below each other. */
  gtk_label_set_width_chars(self->state_label, narrow ? -1 : STATE_CHARS);
}

/* --- what a person does with it --- */

static void activate(SyBoardLine *self, const char *action)
{
  guint position = (guint)gtk_list_box_row_get_index(GTK_LIST_BOX_ROW(self));

  gtk_widget_activate_action(GTK_WIDGET(self), action, "u", position);
}

static void on_act(SyBoardLine *self)
{
  activate(self, sy_board_row_is_busy(self->row) ? "win.board-cancel-row" : "win.board-remove-row");
}

static gboolean on_delete_key(GtkWidget *widget, GVariant *arguments, gpointer user_data)
{
  SyBoardLine *self = SY_BOARD_LINE(widget);

  if (!sy_board_row_is_busy(self->row))
    activate(self, "win.board-remove-row");
  return GDK_EVENT_STOP;
}

static void on_wish(SyBoardLine *self, const char *action)
{
  activate(self, action);
}

/* Made when somebody looks at them. */
static void on_details_toggled(SyBoardLine *self)
{
  gboolean shown = gtk_toggle_button_get_active(self->details_button);

  if (shown && !get_details(self)) {
    GtkWidget *details = sy_board_details_new(self->row);

    gtk_revealer_set_child(self->revealer, details);
    g_signal_connect_object(details, "wish", G_CALLBACK(on_wish), self, G_CONNECT_SWAPPED);
    sy_board_details_refresh(SY_BOARD_DETAILS(details), gtk_label_get_text(self->text_label));
  }
  show_page(self);
  gtk_revealer_set_reveal_child(self->revealer, shown);
  gtk_button_set_icon_name(GTK_BUTTON(self->details_button),
                           shown ? "pan-up-symbolic" : "pan-down-symbolic");
}

void sy_board_line_toggle(SyBoardLine *self)
{
  g_return_if_fail(SY_IS_BOARD_LINE(self));

  gtk_toggle_button_set_active(self->details_button,
                               !gtk_toggle_button_get_active(self->details_button));
}

SyBoardRow *sy_board_line_get_row(SyBoardLine *self)
{
  g_return_val_if_fail(SY_IS_BOARD_LINE(self), NULL);

  return self->row;
}

static void sy_board_line_dispose(GObject *object)
{
  g_clear_object(&SY_BOARD_LINE(object)->row);
  g_clear_pointer(&SY_BOARD_LINE(object)->name, g_free);
  G_OBJECT_CLASS(sy_board_line_parent_class)->dispose(object);
}

static void sy_board_line_class_init(SyBoardLineClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

  G_OBJECT_CLASS(klass)->dispose = sy_board_line_dispose;
  gtk_widget_class_set_template_from_resource(widget_class,
                                              "/dev/switchyard/Workstation/ui/sy-board-line.ui");
#define BIND(name) gtk_widget_class_bind_template_child(widget_class, SyBoardLine, name)
  BIND(tile);
  BIND(bank_label);
  BIND(version_label);
  BIND(title_label);
  BIND(state_box);
  BIND(state_icon);
  BIND(state_label);
  BIND(stack);
  BIND(text_label);
  BIND(figures_label);
  BIND(bar);
  BIND(indent);
  BIND(revealer);
  BIND(buttons_box);
  BIND(act_button);
  BIND(details_button);
#undef BIND
  gtk_widget_class_bind_template_callback(widget_class, on_act);
  gtk_widget_class_bind_template_callback(widget_class, on_details_toggled);
  gtk_widget_class_add_binding(widget_class, GDK_KEY_Delete, 0, on_delete_key, NULL);
  gtk_widget_class_add_binding(widget_class, GDK_KEY_KP_Delete, 0, on_delete_key, NULL);
}

static void sy_board_line_init(SyBoardLine *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *sy_board_line_new(SyBoardRow *row)
{
  SyBoardLine *self = g_object_new(SY_TYPE_BOARD_LINE, NULL);
  const char *title = sy_board_row_get_title(row);
  g_autofree char *name = NULL;
  g_autofree char *details = NULL;

  self->row = g_object_ref(row);
  gtk_label_set_text(self->title_label, title);
  gtk_widget_set_tooltip_text(GTK_WIDGET(self->title_label), title);
  /* Translators: for screen readers: name of a progress bar; the port's name. */
  name = g_strdup_printf(_("Progress of %s"), title);
  gtk_accessible_update_property(GTK_ACCESSIBLE(self->bar), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                 -1);
  /* Translators: name of a button; the port's name. */
  details = g_strdup_printf(_("Details of %s"), title);
  gtk_accessible_update_property(GTK_ACCESSIBLE(self->details_button),
                                 GTK_ACCESSIBLE_PROPERTY_LABEL, details, -1);
  return GTK_WIDGET(self);
}
