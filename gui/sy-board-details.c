/* SPDX-License-Identifier: GPL-3.0-or-later */

/* All that is known of one substation of the board. */

#include "sy-config.h"

#include "sy-board-details.h"

#include "sy-format.h"
#include "sy-next.h"
#include "sy-trouble-box.h"
#include "sy-wrap-box.h"

#include <glib/gi18n.h>

enum { BUTTON_SPACING = 6 };

struct _SyBoardDetails {
  GtkWidget parent_instance;

  GtkWidget *box;
  GtkLabel *text_label;
  GtkLabel *next_label;
  SyTroubleBox *trouble_box;
  GtkLabel *figures_label;
  GtkLabel *port_label;
  SyWrapBox *buttons;
  GtkButton *again_button;
  GtkButton *show_button;

  SyBoardRow *row;
};

enum { WISH, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE(SyBoardDetails, sy_board_details, GTK_TYPE_WIDGET)

static void show_line(GtkLabel *label, const char *text)
{
  gtk_label_set_text(label, text ? text : "");
  gtk_widget_set_visible(GTK_WIDGET(label), text && *text);
}

static char *dup_figures(const SyResult *result)
{
  g_autofree char *duration = sy_format_duration((double)result->duration_us / G_USEC_PER_SEC);
  g_autofree char *took = g_strdup_printf(_("Took %s"), duration);
  g_autofree char *bytes = sy_format_size(result->counts.bytes_sent);
  g_autofree char *sent = g_strdup_printf(_("%s sent"), bytes);
  g_autofree char *counts = sy_format_counts(&result->counts);

  return g_strdup_printf("%s · %s · %s", took, sent, counts);
}

/* Of the end, or of what is there now while nothing has ended. */
static const SyTrouble *find_trouble(SyBoardRow *row)
{
  if (sy_board_row_is_busy(row))
    return NULL;
  return sy_board_row_get_result(row) ? sy_board_row_get_trouble(row)
                                      : sy_station_get_trouble(sy_board_row_get_station(row));
}

void sy_board_details_refresh(SyBoardDetails *self, const char *text)
{
  const SyResult *result;
  const SyTrouble *trouble;
  g_autofree char *account = NULL;
  g_autofree char *next = NULL;
  g_autofree char *figures = NULL;

  g_return_if_fail(SY_IS_BOARD_DETAILS(self));

  result = sy_board_row_get_result(self->row);
  trouble = find_trouble(self->row);
  next = result ? sy_result_dup_next_text(sy_board_row_get_job(self->row), result) : NULL;
  figures = result ? dup_figures(result) : NULL;
  /* The line says what to do, too, as far as there is room for it. */
  account = result && next && !trouble
                ? sy_result_dup_account(sy_board_row_get_job(self->row), result)
                : NULL;
  if (!trouble || result) /* else the trouble's title is the text */
    show_line(self->text_label, account ? account : text);
  else
    show_line(self->text_label, NULL);
  /* What the trouble advises is more exact. */
  show_line(self->next_label, trouble ? NULL : next);
  show_line(self->figures_label, figures);
  sy_trouble_box_set_trouble(self->trouble_box, trouble);
  gtk_widget_set_sensitive(GTK_WIDGET(self->again_button), !sy_board_row_is_busy(self->row));
}

static void on_again(SyBoardDetails *self)
{
  g_signal_emit(self, signals[WISH], 0, "win.board-start-row");
}

static void on_show(SyBoardDetails *self)
{
  g_signal_emit(self, signals[WISH], 0, "win.board-show-row");
}

static void sy_board_details_dispose(GObject *object)
{
  SyBoardDetails *self = SY_BOARD_DETAILS(object);

  g_clear_pointer(&self->box, gtk_widget_unparent);
  g_clear_object(&self->row);
  G_OBJECT_CLASS(sy_board_details_parent_class)->dispose(object);
}

static void sy_board_details_class_init(SyBoardDetailsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

  G_OBJECT_CLASS(klass)->dispose = sy_board_details_dispose;
  signals[WISH] = g_signal_new("wish", SY_TYPE_BOARD_DETAILS, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                               NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  g_type_ensure(SY_TYPE_TROUBLE_BOX);
  g_type_ensure(SY_TYPE_WRAP_BOX);
  gtk_widget_class_set_layout_manager_type(widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource(widget_class,
                                              "/dev/switchyard/Workstation/ui/sy-board-details.ui");
#define BIND(name) gtk_widget_class_bind_template_child(widget_class, SyBoardDetails, name)
  BIND(box);
  BIND(text_label);
  BIND(next_label);
  BIND(trouble_box);
  BIND(figures_label);
  BIND(port_label);
  BIND(buttons);
  BIND(again_button);
  BIND(show_button);
#undef BIND
  gtk_widget_class_bind_template_callback(widget_class, on_again);
  gtk_widget_class_bind_template_callback(widget_class, on_show);
}

static void sy_board_details_init(SyBoardDetails *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
  sy_wrap_box_set_spacing(self->buttons, BUTTON_SPACING, BUTTON_SPACING);
}

GtkWidget *sy_board_details_new(SyBoardRow *row)
{
  SyBoardDetails *self = g_object_new(SY_TYPE_BOARD_DETAILS, NULL);
  const char *port = sy_station_get_port(sy_board_row_get_station(row));

  self->row = g_object_ref(row);
  /* A virtual substation is known by its title alone, and so is a port named by hand. */
  show_line(self->port_label,
            g_str_equal(port, "virtual") || g_str_equal(port, sy_board_row_get_title(row)) ? NULL
                                                                                           : port);
  return GTK_WIDGET(self);
}
