/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Every state and page of the window, for people who hear it and for people who have no pointer:
 * what can be focused has a name, and Tab goes through all of it in the order of reading. Knows no
 * widget by name: what is added to the window is looked at, too.
 */

#include "access.h"
#include "states.h"

#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { WIDE_WIDTH = 1200, WIDE_HEIGHT = 820, NARROW_WIDTH = 360, NARROW_HEIGHT = 700 };

/* Widgets beside each other may overlap by a rim. */
#define SLACK 3.0f

typedef struct {
  const char *state;
  const char *page;
  guint faults;
} Inspection;

G_GNUC_PRINTF(3, 4)
static void blame(Inspection *inspection, GtkWidget *widget, const char *format, ...)
{
  g_autofree char *path = access_dup_path(widget);
  g_autofree char *text = NULL;
  va_list arguments;

  va_start(arguments, format);
  text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  print_message("# %s, %s: %s: %s\n", inspection->state, inspection->page, text, path);
  inspection->faults++;
}

/* --- names --- */

static gboolean is_row(GtkWidget *widget)
{
  const char *name = gtk_widget_get_css_name(widget);

  return g_str_equal(name, "row") || g_str_equal(name, "listitem");
}

static gboolean is_form_field(GtkWidget *widget)
{
  return GTK_IS_EDITABLE(widget) || GTK_IS_DROP_DOWN(widget) || GTK_IS_SWITCH(widget) ||
         GTK_IS_SCALE(widget);
}

/* A picture in a button, row or tab is described by what it is in. */
static gboolean is_alone(GtkWidget *widget)
{
  return !gtk_widget_get_ancestor(widget, GTK_TYPE_BUTTON) &&
         !gtk_widget_get_ancestor(widget, GTK_TYPE_WINDOW_CONTROLS) &&
         !gtk_widget_get_ancestor(widget, GTK_TYPE_EDITABLE) &&
         !gtk_widget_get_ancestor(widget, ADW_TYPE_STATUS_PAGE) &&
         !gtk_widget_get_ancestor(widget, ADW_TYPE_EXPANDER_ROW);
}

static void inspect_name(Inspection *inspection, GtkWidget *widget)
{
  GtkAccessible *accessible = GTK_ACCESSIBLE(widget);
  gboolean pictured = GTK_IS_IMAGE(widget) || GTK_IS_PICTURE(widget);
  g_autofree char *name = access_dup_name(widget);

  if (name)
    return;
  if (GTK_IS_BUTTON(widget))
    blame(inspection, widget, "a button without a name");
  else if (is_form_field(widget))
    blame(inspection, widget, "a field without a label");
  else if (pictured && is_alone(widget) &&
           !gtk_test_accessible_has_role(accessible, GTK_ACCESSIBLE_ROLE_PRESENTATION))
    blame(inspection, widget, "a picture that is neither named nor mere decoration");
  else if (gtk_test_accessible_has_role(accessible, GTK_ACCESSIBLE_ROLE_LIST) &&
           !gtk_widget_get_ancestor(widget, ADW_TYPE_EXPANDER_ROW))
    blame(inspection, widget, "a list without a name");
}

static void inspect_twins(Inspection *inspection, GtkWidget *parent)
{
  g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

  for (GtkWidget *child = gtk_widget_get_first_child(parent); child;
       child = gtk_widget_get_next_sibling(child)) {
    char *name =
        GTK_IS_BUTTON(child) && gtk_widget_get_mapped(child) ? access_dup_name(child) : NULL;

    if (name && g_hash_table_contains(names, name))
      blame(inspection, child, "“%s” twice beside each other", name);
    if (name)
      g_hash_table_add(names, name);
  }
}

static void inspect_names(Inspection *inspection, GtkWidget *root)
{
  g_autoptr(GPtrArray) widgets = access_list_mapped(root);

  assert_true(widgets->len > 50);
  for (guint n = 0; n < widgets->len; n++) {
    inspect_name(inspection, widgets->pdata[n]);
    inspect_twins(inspection, widgets->pdata[n]);
  }
}

/* --- the way of the focus --- */

/* The children of the nearest common parent in which the two are. */
static void find_branches(GtkWidget **a, GtkWidget **b)
{
  for (GtkWidget *in_a = *a; in_a; in_a = gtk_widget_get_parent(in_a)) {
    GtkWidget *parent = gtk_widget_get_parent(in_a);

    if (!parent || !gtk_widget_is_ancestor(*b, parent))
      continue;
    while (gtk_widget_get_parent(*b) != parent)
      *b = gtk_widget_get_parent(*b);
    *a = in_a;
    return;
  }
}

/* Rows from top to bottom, in a row from left to right. */
static gboolean is_in_order(GtkWidget *from, GtkWidget *to, GtkWidget *root)
{
  graphene_rect_t a;
  graphene_rect_t b;

  /* From a list into one of its rows. */
  if (gtk_widget_is_ancestor(to, from))
    return TRUE;
  find_branches(&from, &to);
  if (!gtk_widget_compute_bounds(from, root, &a) || !gtk_widget_compute_bounds(to, root, &b))
    return TRUE;
  return b.origin.y >= a.origin.y + a.size.height - SLACK ||
         b.origin.x >= a.origin.x + a.size.width - SLACK;
}

static gboolean can_stop(GtkWidget *widget)
{
  for (GtkWidget *at = widget; at; at = gtk_widget_get_parent(at))
    if (!gtk_widget_get_can_focus(at))
      return FALSE;
  return gtk_widget_get_focusable(widget) && gtk_widget_is_sensitive(widget);
}

static gboolean offers_nothing(GtkWidget *widget)
{
  GtkWidget *parent = gtk_widget_get_parent(widget);

  return GTK_IS_FLOW_BOX_CHILD(widget) &&
         gtk_flow_box_get_selection_mode(GTK_FLOW_BOX(parent)) == GTK_SELECTION_NONE;
}

/* What Tab leaves out, but a key beside it reaches: arrows in lists, the row of what is in it. */
static gboolean is_reached_otherwise(GtkWidget *widget, GPtrArray *stops)
{
  if (is_row(widget) || GTK_IS_SCROLLED_WINDOW(widget) || GTK_IS_VIEWPORT(widget))
    return TRUE;
  for (guint n = 0; n < stops->len; n++)
    if (gtk_widget_is_ancestor(stops->pdata[n], widget) ||
        (GTK_IS_LIST_BASE(gtk_widget_get_parent(widget)) &&
         gtk_widget_get_parent(stops->pdata[n]) == gtk_widget_get_parent(widget)))
      return TRUE;
  return FALSE;
}

static void inspect_reach(Inspection *inspection, GtkWidget *root, GPtrArray *stops)
{
  g_autoptr(GPtrArray) widgets = access_list_mapped(root);

  for (guint n = 0; n < widgets->len; n++) {
    GtkWidget *widget = widgets->pdata[n];

    /* The desktop's own keys do what these do. */
    if (gtk_widget_get_ancestor(widget, GTK_TYPE_WINDOW_CONTROLS))
      continue;
    if (can_stop(widget) && !g_ptr_array_find(stops, widget, NULL) &&
        !is_reached_otherwise(widget, stops))
      blame(inspection, widget, "Tab does not reach it");
    if (GTK_IS_BUTTON(widget) && gtk_widget_is_sensitive(widget) && !can_stop(widget))
      blame(inspection, widget, "a button that no key reaches");
  }
}

static void inspect_focus(Inspection *inspection, GtkWindow *window)
{
  g_autoptr(GPtrArray) stops = access_walk_focus(window, GTK_DIR_TAB_FORWARD);
  g_autoptr(GPtrArray) back = access_walk_focus(window, GTK_DIR_TAB_BACKWARD);

  assert_true(stops->len > 3);
  for (guint n = 0; n < stops->len; n++) {
    g_autofree char *spoken = access_dup_spoken(stops->pdata[n]);

    if (!spoken)
      blame(inspection, stops->pdata[n], "Tab stops at something without a name");
    if (offers_nothing(stops->pdata[n]))
      blame(inspection, stops->pdata[n], "Tab stops where there is nothing to do");
    if (n > 0 && !is_in_order(stops->pdata[n - 1], stops->pdata[n], GTK_WIDGET(window)))
      blame(inspection, stops->pdata[n], "Tab comes here out of order");
    if (!g_ptr_array_find(back, stops->pdata[n], NULL) && !is_row(stops->pdata[n]))
      blame(inspection, stops->pdata[n], "Shift+Tab does not come here");
  }
  inspect_reach(inspection, GTK_WIDGET(window), stops);
}

static void inspect(SyWindow *window, const char *page, gpointer user_data)
{
  Inspection *inspection = user_data;

  inspection->page = page;
  inspect_names(inspection, GTK_WIDGET(window));
  inspect_focus(inspection, GTK_WINDOW(window));
}

static void inspect_state(const TestState *state, int width, int height)
{
  Inspection inspection = {.state = state->name};
  TestScene scene;

  test_scene_enter(&scene, state, width, height);
  test_visit_pages(&scene, state, inspect, &inspection);
  test_scene_leave(&scene);
  assert_int_equal(inspection.faults, 0);
}

/* --- tests --- */

static void all_of_a_state_is_named_and_in_reach(void **state)
{
  inspect_state(*state, WIDE_WIDTH, WIDE_HEIGHT);
}

static void in_a_narrow_window_all_is_named_and_in_reach(void **state)
{
  inspect_state(test_state_find("returned"), NARROW_WIDTH, NARROW_HEIGHT);
}

static void what_goes_on_and_how_it_ended_have_their_roles(void **state)
{
  SyWindow *window = test_window_new();
  GtkWidget *progress = test_panel_child(window, "bar");

  assert_true(gtk_test_accessible_has_role(GTK_ACCESSIBLE(test_panel_child(window, "running_box")),
                                           GTK_ACCESSIBLE_ROLE_STATUS));
  assert_true(gtk_test_accessible_has_role(GTK_ACCESSIBLE(test_panel_child(window, "result_box")),
                                           GTK_ACCESSIBLE_ROLE_ALERT));
  assert_true(
      gtk_test_accessible_has_role(GTK_ACCESSIBLE(progress), GTK_ACCESSIBLE_ROLE_PROGRESS_BAR));
  assert_true(
      gtk_test_accessible_has_relation(GTK_ACCESSIBLE(test_panel_child(window, "upgrade_button")),
                                       GTK_ACCESSIBLE_RELATION_DESCRIBED_BY));
  test_window_close(window);
}

int main(void)
{
  g_autoptr(GArray) tests = g_array_new(FALSE, TRUE, sizeof(struct CMUnitTest));
  const struct CMUnitTest more[] = {
      cmocka_unit_test(in_a_narrow_window_all_is_named_and_in_reach),
      cmocka_unit_test(what_goes_on_and_how_it_ended_have_their_roles),
  };
  int failed;

  setlocale(LC_ALL, "C.UTF-8");
  if (!test_application_start()) {
    g_print("1..0 # SKIP no display\n");
    return 0;
  }
  test_add_for_states(tests, all_of_a_state_is_named_and_in_reach);
  g_array_append_vals(tests, more, G_N_ELEMENTS(more));
  failed = test_run(tests, "named and in reach");
  test_application_stop();
  return failed;
}
