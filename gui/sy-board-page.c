/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The page with the board. */

#include "sy-config.h"

#include "sy-board-page.h"

#include "sy-board-line.h"
#include "sy-name.h"
#include "sy-wrap-box.h"

#include <adwaita.h>
#include <glib/gi18n.h>

/* Shown of a bar that must not look full while work goes on. */
#define FRACTION_MAX 0.99

enum { REFRESH_MS = 100, IDENTIFY_S = 3, BUTTON_SPACING = 6, FACT_SPACING = 12 };

struct _SyBoardPage {
  GtkWidget parent_instance;

  GtkStack *stack;
  GtkLabel *summary_label;
  GtkProgressBar *bar;
  SyWrapBox *buttons;
  GtkButton *upgrade_button;
  GtkButton *retry_button;
  GtkButton *cancel_button;
  GtkMenuButton *menu_button;
  SyWrapBox *facts;
  GtkLabel *release_label;
  GtkLabel *reason_label;
  GtkListBox *list;

  SyBoard *board;
  SyPlanInput input;
  char *file_name; /* of the input */
  SyBoardPlan *plan;
  GPtrArray *begun; /* of SyBoardRow: whose progress the bar shows */
  double shown;
  gboolean narrow;
  guint refresh_source;
  guint identify_source;
};

enum { PLANNED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE(SyBoardPage, sy_board_page, GTK_TYPE_WIDGET)

/* --- the head --- */

static char *dup_summary(SyBoardPage *self)
{
  SyBoardCounts counts = sy_board_get_counts(self->board);
  g_autofree char *total = NULL;
  g_autofree char *ready = NULL;

  if (counts.states[SY_BOARD_READY] < counts.total)
    return sy_board_dup_summary(self->board);
  total = g_strdup_printf(ngettext("%u substation", "%u substations", counts.total), counts.total);
  /* Translators: how many substations can be upgraded now. */
  ready = g_strdup_printf(ngettext("%u ready", "%u ready", self->plan->ready->len),
                          self->plan->ready->len);
  return g_strdup_printf("%s · %s", total, ready);
}

static void show_release(SyBoardPage *self)
{
  g_autofree char *text = NULL;

  if (self->input.release && self->file_name)
    /* Translators: a file's name. */
    text = g_strdup_printf(_("Release: %s"), self->file_name);
  else
    text = g_strdup(_("No release is open"));
  gtk_label_set_text(self->release_label, text);
}

static void show_bar(SyBoardPage *self)
{
  double sum = 0;

  for (guint n = 0; n < self->begun->len; n++) {
    SyBoardRow *row = self->begun->pdata[n];

    sum += sy_board_row_is_busy(row) ? MIN(sy_board_row_get_progress(row), FRACTION_MAX) : 1;
  }
  if (self->begun->len > 0)
    self->shown = MAX(self->shown, sum / self->begun->len);
  gtk_progress_bar_set_fraction(self->bar, self->shown);
  /* It keeps its place. */
  gtk_widget_set_opacity(GTK_WIDGET(self->bar), self->begun->len > 0 ? 1 : 0);
}

/* Where the focus was, if its button goes: on the one in its place. */
static void show_button(GtkButton *button, gboolean visible, GtkButton *instead)
{
  gboolean focused = gtk_widget_has_focus(GTK_WIDGET(button));

  gtk_widget_set_visible(GTK_WIDGET(button), visible);
  if (focused && !visible)
    gtk_widget_grab_focus(GTK_WIDGET(instead));
}

/* Then Retry is what one came for, and Upgrade would do just the same. */
static gboolean is_ready_to_retry_only(SyBoardPage *self)
{
  for (guint n = 0; n < self->plan->ready->len; n++)
    if (!g_ptr_array_find(self->plan->failures, self->plan->ready->pdata[n], NULL))
      return FALSE;
  return self->plan->ready->len > 0;
}

static void show_buttons(SyBoardPage *self)
{
  gboolean running = sy_board_is_running(self->board);
  gboolean retry_only = is_ready_to_retry_only(self);
  const char *reason = self->plan->reason && !running ? self->plan->reason : "";
  const char *retry_classes[] = {"text-button", retry_only ? "suggested-action" : NULL, NULL};
  guint ready = self->plan->ready->len;
  guint failures = self->plan->failures->len;
  g_autofree char *upgrade =
      ready == 0 ? g_strdup(_("_Upgrade Substations"))
                 : g_strdup_printf(
                       ngettext("_Upgrade %u Substation", "_Upgrade %u Substations", ready), ready);
  g_autofree char *retry =
      g_strdup_printf(ngettext("_Retry %u Failure", "_Retry %u Failures", failures), failures);

  gtk_button_set_label(self->upgrade_button, upgrade);
  gtk_button_set_label(self->retry_button, retry);
  gtk_widget_set_visible(GTK_WIDGET(self->cancel_button), running);
  show_button(self->retry_button, !running && failures > 0, self->cancel_button);
  show_button(self->upgrade_button, !running && !retry_only,
              running ? self->cancel_button : self->retry_button);
  gtk_widget_set_css_classes(GTK_WIDGET(self->retry_button), retry_classes);
  gtk_label_set_text(self->reason_label, reason);
  gtk_widget_set_visible(GTK_WIDGET(self->reason_label), *reason != '\0');
}

/* --- showing what is new --- */

static void refresh(SyBoardPage *self)
{
  GtkListBoxRow *line;
  g_autofree char *summary = NULL;

  g_clear_pointer(&self->plan, sy_board_plan_free);
  self->plan = sy_board_plan_new(self->board, &self->input);
  for (int n = 0; (line = gtk_list_box_get_row_at_index(self->list, n)); n++)
    sy_board_line_refresh(SY_BOARD_LINE(line), &self->input);
  summary = dup_summary(self);
  gtk_label_set_text(self->summary_label, summary);
  show_release(self);
  show_bar(self);
  show_buttons(self);
  gtk_stack_set_visible_child_name(
      self->stack, g_list_model_get_n_items(G_LIST_MODEL(self->board)) > 0 ? "board" : "empty");
  g_signal_emit(self, signals[PLANNED], 0);
}

static gboolean on_refresh_time(gpointer user_data)
{
  SyBoardPage *self = user_data;

  self->refresh_source = 0;
  refresh(self);
  return G_SOURCE_REMOVE;
}

/* Thirty-two substations tell sixty times a second what they do. */
static void queue_refresh(SyBoardPage *self)
{
  if (self->refresh_source == 0 && gtk_widget_get_mapped(GTK_WIDGET(self)))
    self->refresh_source = g_timeout_add(REFRESH_MS, on_refresh_time, self);
}

static gboolean on_identify_time(gpointer user_data)
{
  SyBoardPage *self = user_data;

  if (!sy_board_is_running(self->board))
    sy_board_identify(self->board);
  return G_SOURCE_CONTINUE;
}

static GtkWidget *make_line(gpointer item, gpointer user_data)
{
  SyBoardPage *self = user_data;
  SyStation *station = sy_board_row_get_station(item);
  GtkWidget *line = sy_board_line_new(item);

  sy_board_line_set_narrow(SY_BOARD_LINE(line), self->narrow);
  sy_board_line_refresh(SY_BOARD_LINE(line), &self->input);
  g_signal_connect_object(item, "notify", G_CALLBACK(queue_refresh), self, G_CONNECT_SWAPPED);
  g_signal_connect_object(station, "notify", G_CALLBACK(queue_refresh), self, G_CONNECT_SWAPPED);
  g_signal_connect_object(station, "identity-changed", G_CALLBACK(queue_refresh), self,
                          G_CONNECT_SWAPPED);
  return line;
}

/* A bar of a run that is over says nothing of rows that were added since. */
static void on_items_changed(SyBoardPage *self)
{
  if (!sy_board_is_running(self->board))
    g_ptr_array_set_size(self->begun, 0);
  if (gtk_widget_get_mapped(GTK_WIDGET(self)))
    refresh(self); /* at once: a new line is empty */
}

void sy_board_page_begin(SyBoardPage *self, GPtrArray *rows)
{
  g_return_if_fail(SY_IS_BOARD_PAGE(self));

  if (!sy_board_is_running(self->board))
    g_ptr_array_set_size(self->begun, 0);
  for (guint n = 0; n < rows->len; n++)
    if (!g_ptr_array_find(self->begun, rows->pdata[n], NULL))
      g_ptr_array_add(self->begun, g_object_ref(rows->pdata[n]));
  self->shown = 0;
  queue_refresh(self);
}

void sy_board_page_set_input(SyBoardPage *self, const SyPlanInput *input)
{
  SyRelease *before;

  g_return_if_fail(SY_IS_BOARD_PAGE(self));

  before = self->input.release;
  if (input->release)
    sy_release_ref(input->release);
  g_free(self->file_name);
  self->file_name = g_strdup(input->file_name);
  self->input = *input;
  self->input.file_name = self->file_name;
  g_clear_pointer(&before, sy_release_unref);
  queue_refresh(self);
}

const SyBoardPlan *sy_board_page_get_plan(SyBoardPage *self)
{
  g_return_val_if_fail(SY_IS_BOARD_PAGE(self), NULL);

  return self->plan;
}

void sy_board_page_set_narrow(SyBoardPage *self, gboolean narrow)
{
  GtkWidget *line;

  g_return_if_fail(SY_IS_BOARD_PAGE(self));

  self->narrow = narrow;
  for (guint n = 0; (line = sy_board_page_get_line(self, n)); n++)
    sy_board_line_set_narrow(SY_BOARD_LINE(line), narrow);
}

GtkWidget *sy_board_page_get_line(SyBoardPage *self, guint position)
{
  g_return_val_if_fail(SY_IS_BOARD_PAGE(self), NULL);

  return (GtkWidget *)gtk_list_box_get_row_at_index(self->list, (int)position);
}

/* --- the object --- */

static void sy_board_page_map(GtkWidget *widget)
{
  SyBoardPage *self = SY_BOARD_PAGE(widget);

  GTK_WIDGET_CLASS(sy_board_page_parent_class)->map(widget);
  refresh(self);
  on_identify_time(self);
  self->identify_source = g_timeout_add_seconds(IDENTIFY_S, on_identify_time, self);
}

static void sy_board_page_unmap(GtkWidget *widget)
{
  SyBoardPage *self = SY_BOARD_PAGE(widget);

  g_clear_handle_id(&self->refresh_source, g_source_remove);
  g_clear_handle_id(&self->identify_source, g_source_remove);
  GTK_WIDGET_CLASS(sy_board_page_parent_class)->unmap(widget);
}

static void sy_board_page_dispose(GObject *object)
{
  SyBoardPage *self = SY_BOARD_PAGE(object);

  g_clear_handle_id(&self->refresh_source, g_source_remove);
  g_clear_handle_id(&self->identify_source, g_source_remove);
  g_clear_pointer((GtkWidget **)&self->stack, gtk_widget_unparent);
  g_clear_object(&self->board);
  g_clear_pointer(&self->begun, g_ptr_array_unref);
  g_clear_pointer(&self->plan, sy_board_plan_free);
  g_clear_pointer(&self->input.release, sy_release_unref);
  g_clear_pointer(&self->file_name, g_free);
  G_OBJECT_CLASS(sy_board_page_parent_class)->dispose(object);
}

static void sy_board_page_class_init(SyBoardPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

  G_OBJECT_CLASS(klass)->dispose = sy_board_page_dispose;
  widget_class->map = sy_board_page_map;
  widget_class->unmap = sy_board_page_unmap;
  signals[PLANNED] = g_signal_new("planned", SY_TYPE_BOARD_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 0);
  g_type_ensure(SY_TYPE_WRAP_BOX);
  gtk_widget_class_set_layout_manager_type(widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name(widget_class, "boardpage");
  gtk_widget_class_set_template_from_resource(widget_class,
                                              "/dev/switchyard/Workstation/ui/sy-board-page.ui");
#define BIND(name) gtk_widget_class_bind_template_child(widget_class, SyBoardPage, name)
  BIND(stack);
  BIND(summary_label);
  BIND(bar);
  BIND(buttons);
  BIND(upgrade_button);
  BIND(retry_button);
  BIND(cancel_button);
  BIND(menu_button);
  BIND(facts);
  BIND(release_label);
  BIND(reason_label);
  BIND(list);
#undef BIND
}

static void on_row_activated(GtkListBox *list, GtkListBoxRow *line)
{
  sy_board_line_toggle(SY_BOARD_LINE(line));
}

static void sy_board_page_init(SyBoardPage *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
  self->begun = g_ptr_array_new_with_free_func(g_object_unref);
  sy_wrap_box_set_spacing(self->buttons, BUTTON_SPACING, BUTTON_SPACING);
  sy_wrap_box_set_spacing(self->facts, FACT_SPACING, 0);
  sy_name_button_in(GTK_WIDGET(self->menu_button), _("More for the board"));
  g_signal_connect(self->list, "row-activated", G_CALLBACK(on_row_activated), NULL);
}

GtkWidget *sy_board_page_new(SyBoard *board)
{
  SyBoardPage *self = g_object_new(SY_TYPE_BOARD_PAGE, NULL);

  self->board = g_object_ref(board);
  self->plan = sy_board_plan_new(board, &self->input);
  gtk_list_box_bind_model(self->list, G_LIST_MODEL(board), make_line, self, NULL);
  g_signal_connect_object(board, "items-changed", G_CALLBACK(on_items_changed), self,
                          G_CONNECT_SWAPPED);
  g_signal_connect_object(board, "changed", G_CALLBACK(queue_refresh), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET(self);
}
