/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is right and wrong with a file, in one list. */

#include "part-fixture.h"
#include "release-builder.h"

#include "sy-findings-list.h"
#include "sy-findings-model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { NO_GO = -1, PASSED = 2 * SY_CHECK_COUNT };

static SyRelease *good_release(void)
{
  g_autoptr(SyImage) image = release_build_both(RELEASE_VERSION, RELEASE_LENGTH);

  return sy_release_new(image, "good.hex");
}

/* A wrong sum of vectors and with it a wrong CRC in LOW; HIGH is right, and bytes lie outside. */
static SyRelease *bad_release(void)
{
  SyImageBuilder *builder = sy_image_builder_new();
  g_autofree guint8 *low = release_build_program(WIRE_BANK_LOW, RELEASE_VERSION, RELEASE_LENGTH);
  g_autofree guint8 *high = release_build_program(WIRE_BANK_HIGH, RELEASE_VERSION, RELEASE_LENGTH);

  low[WIRE_VECTOR_SUM_ADDR] ^= 1;
  release_add(builder, release_addr_of(WIRE_BANK_LOW), low, RELEASE_LENGTH);
  release_add(builder, release_addr_of(WIRE_BANK_HIGH), high, RELEASE_LENGTH);
  release_add(builder, 0x40000000, low, 16);

  g_autoptr(SyImage) image = sy_image_builder_end(builder);

  return sy_release_new(image, "bad.hex");
}

static SyFindingItem *item_at(SyFindings *findings, guint index)
{
  assert_true(index < findings->items->len);
  return g_ptr_array_index(findings->items, index);
}

static void a_good_file_can_be_sent_and_says_what_was_looked_at(void **state)
{
  g_autoptr(SyRelease) release = good_release();
  g_autoptr(SyFindings) findings = sy_findings_new(release, NULL);

  assert_string_equal(findings->verdict, "This file can be sent.");
  assert_int_equal(findings->items->len, PASSED);
  assert_int_equal(findings->counts[SY_SEVERITY_OK], PASSED);
  assert_string_equal(sy_finding_item_get_source(item_at(findings, 0)), "LOW · Bank");
  assert_string_equal(sy_finding_item_get_place(item_at(findings, 0)), "0x00002000");
}

static void what_is_wrong_comes_first_with_its_place(void **state)
{
  g_autoptr(SyRelease) release = bad_release();
  g_autoptr(SyFindings) findings = sy_findings_new(release, NULL);
  SySeverity before = SY_SEVERITY_ERROR;

  assert_string_equal(findings->verdict, "2 errors: of this file only the HIGH half can be sent.");
  for (guint n = 0; n < findings->items->len; n++) {
    SySeverity severity = sy_finding_item_get_severity(item_at(findings, n));

    assert_true(severity <= before);
    before = severity;
  }
  assert_int_equal(sy_finding_item_get_severity(item_at(findings, 1)), SY_SEVERITY_ERROR);
  assert_int_equal(sy_finding_item_get_addr(item_at(findings, 1)), 0x2014);
  assert_string_equal(sy_finding_item_get_place(item_at(findings, 1)), "0x00002014");
  assert_int_equal(sy_finding_item_get_severity(item_at(findings, 2)), SY_SEVERITY_WARNING);
  assert_int_equal(sy_finding_item_get_addr(item_at(findings, 2)), 0x40000000);
  assert_string_equal(sy_finding_item_get_source(item_at(findings, 2)), "File");
  assert_non_null(strstr(sy_finding_item_get_text(item_at(findings, 2)), "outside the chip"));
}

static void half_a_release_and_none_have_their_verdicts(void **state)
{
  g_autofree guint8 *low = release_build_program(WIRE_BANK_LOW, RELEASE_VERSION, RELEASE_LENGTH);
  g_autoptr(SyRelease) half = release_of(WIRE_BANK_LOW, low, RELEASE_LENGTH);
  g_autoptr(SyFindings) of_half = sy_findings_new(half, NULL);
  g_autoptr(SyImage) empty = sy_image_builder_end(sy_image_builder_new());
  g_autoptr(SyRelease) none = sy_release_new(empty, NULL);
  g_autoptr(SyFindings) of_none = sy_findings_new(none, NULL);

  assert_string_equal(of_half->verdict, "This file can be sent, but to LOW only.");
  assert_string_equal(of_none->verdict, "1 error: this file can’t be sent.");
  assert_null(sy_finding_item_get_place(item_at(of_none, 0)));
  low[0x300] ^= 1;

  g_autoptr(SyRelease) broken = release_of(WIRE_BANK_LOW, low, RELEASE_LENGTH);
  g_autoptr(SyFindings) of_broken = sy_findings_new(broken, NULL);

  assert_string_equal(of_broken->verdict, "1 error: this file can’t be sent.");
}

static void a_finding_in_a_file_names_its_line(void **state)
{
  g_autoptr(SyRelease) release = part_release_of_text(":020000044000BA\n"
                                                      ":0400000001020304F2\n"
                                                      ":00000001FF\n");
  assert_non_null(release);

  g_autoptr(SyFindings) findings =
      sy_findings_new(release, sy_image_file_get_problems(sy_release_get_file(release)));
  gboolean found = FALSE;

  for (guint n = 0; n < findings->items->len; n++)
    if (sy_finding_item_get_addr(item_at(findings, n)) == 0x40000000) {
      assert_string_equal(sy_finding_item_get_place(item_at(findings, n)), "0x40000000 · line 2");
      found = TRUE;
    }
  assert_true(found);
}

static void take_problem(SyProblems *problems, SySeverity severity, guint line, guint32 addr,
                         const char *text)
{
  const SyProblem problem = {.severity = severity,
                             .line = line,
                             .column = line > 0 ? 3 : 0,
                             .addr = addr,
                             .text =
                                 sy_problems_has_room(problems, severity) ? g_strdup(text) : NULL};

  sy_problems_take(problems, &problem);
}

static void what_is_wrong_with_the_text_stands_with_its_line(void **state)
{
  g_autoptr(SyRelease) release = good_release();
  g_autoptr(SyProblems) problems = sy_problems_new();

  take_problem(problems, SY_SEVERITY_WARNING, 7, G_MAXUINT32, "Something odd.");
  take_problem(problems, SY_SEVERITY_ERROR, 9, 0x2010, "the checksum is wrong.");
  take_problem(problems, SY_SEVERITY_ERROR, 0, G_MAXUINT32, "The end is missing.");

  g_autoptr(SyFindings) findings = sy_findings_new(release, problems);

  assert_string_equal(findings->verdict, "2 errors: this file can’t be sent.");
  assert_int_equal(findings->items->len, PASSED + 3);
  assert_string_equal(sy_finding_item_get_place(item_at(findings, 0)),
                      "0x00002010 · line 9, column 3");
  assert_string_equal(sy_finding_item_get_text(item_at(findings, 0)), "The checksum is wrong.");
  assert_null(sy_finding_item_get_place(item_at(findings, 1)));
  assert_string_equal(sy_finding_item_get_place(item_at(findings, 2)), "line 7, column 3");
  assert_int_equal(sy_finding_item_get_line(item_at(findings, 2)), 7);
}

static void more_problems_than_are_kept_are_counted(void **state)
{
  g_autoptr(SyRelease) release = good_release();
  g_autoptr(SyProblems) problems = sy_problems_new();

  for (guint line = 1; line <= SY_PROBLEMS_MAX + 100; line++)
    take_problem(problems, SY_SEVERITY_ERROR, line, G_MAXUINT32, "Wrong.");

  g_autoptr(SyFindings) findings = sy_findings_new(release, problems);

  assert_int_equal(findings->counts[SY_SEVERITY_ERROR], SY_PROBLEMS_MAX + 100);
  assert_int_equal(findings->items->len, PASSED + SY_PROBLEMS_MAX + 1);
  assert_string_equal(findings->verdict, "600 errors: this file can’t be sent.");
  assert_string_equal(sy_finding_item_get_text(item_at(findings, SY_PROBLEMS_MAX)),
                      "100 more are not listed.");
}

static void what_the_release_says_of_its_text_is_said_once(void **state)
{
  g_autoptr(SyRelease) release = bad_release();
  g_autoptr(SyProblems) problems = sy_problems_new();
  const SyFinding *finding = sy_release_get_finding(release, 0);

  take_problem(problems, SY_SEVERITY_WARNING, 1, finding->addr, finding->text);

  g_autoptr(SyFindings) findings = sy_findings_new(release, problems);

  assert_int_equal(findings->counts[SY_SEVERITY_WARNING], 1);
}

/* --- the widget --- */

static void take_number(SyFindingsList *list, guint number, gint64 *went)
{
  *went = number;
}

static GtkWidget *find_type(GtkWidget *widget, GType type)
{
  if (g_type_is_a(G_OBJECT_TYPE(widget), type))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child(widget); child;
       child = gtk_widget_get_next_sibling(child)) {
    GtkWidget *found = find_type(child, type);

    if (found)
      return found;
  }
  return NULL;
}

static guint count_rows(GtkWidget *list)
{
  GtkWidget *view = find_type(list, GTK_TYPE_LIST_VIEW);

  return g_list_model_get_n_items(G_LIST_MODEL(gtk_list_view_get_model(GTK_LIST_VIEW(view))));
}

static void toggle(GtkWidget *window, const char *label)
{
  GtkWidget *found = part_find_label(window, label);

  assert_non_null(found);
  gtk_toggle_button_set_active(
      GTK_TOGGLE_BUTTON(gtk_widget_get_ancestor(found, GTK_TYPE_TOGGLE_BUTTON)), TRUE);
}

static void a_row_leads_to_its_address(void **state)
{
  g_autoptr(SyRelease) release = bad_release();
  GtkWidget *list = sy_findings_list_new();
  GtkWidget *window = part_window_new(list, 700, 600);
  gint64 went = NO_GO;

  g_signal_connect(list, "go-to", G_CALLBACK(take_number), &went);
  sy_findings_list_set_release(SY_FINDINGS_LIST(list), release);
  assert_int_equal(count_rows(list), PASSED + 1);
  assert_int_equal(sy_findings_list_count(SY_FINDINGS_LIST(list), SY_SEVERITY_ERROR), 2);
  g_signal_emit_by_name(find_type(list, GTK_TYPE_LIST_VIEW), "activate", 1u);
  assert_int_equal(went, 0x2014);
  part_window_close(window);
}

static void a_row_without_an_address_leads_to_its_line(void **state)
{
  g_autoptr(SyRelease) release = part_release_of_text(":0400000001020304F2\n"
                                                      "Dear diary\n"
                                                      ":00000001FF\n");
  GtkWidget *list;
  GtkWidget *window;
  gint64 went = NO_GO;

  if (!release)
    skip(); /* by a reader that ends at the first error there is no list */
  list = sy_findings_list_new();
  window = part_window_new(list, 700, 600);
  g_signal_connect(list, "go-to-line", G_CALLBACK(take_number), &went);
  sy_findings_list_set_release(SY_FINDINGS_LIST(list), release);
  g_signal_emit_by_name(find_type(list, GTK_TYPE_LIST_VIEW), "activate", 0u);
  assert_int_equal(went, 2);
  part_window_close(window);
}

static void what_is_right_can_be_left_out(void **state)
{
  g_autoptr(SyRelease) bad = bad_release();
  g_autoptr(SyRelease) good = good_release();
  GtkWidget *list = sy_findings_list_new();
  GtkWidget *window = part_window_new(list, 700, 600);

  assert_non_null(part_find_label(window, "No File Open"));
  sy_findings_list_set_release(SY_FINDINGS_LIST(list), bad);
  test_spin_ms(50);
  toggle(window, "Problems");
  assert_int_equal(count_rows(list), 3);
  sy_findings_list_set_release(SY_FINDINGS_LIST(list), good);
  assert_int_equal(count_rows(list), 0);
  test_spin_ms(50);
  assert_non_null(part_find_label(window, "No Problems"));
  part_pictures(window, "findings-none");
  toggle(window, "All");
  assert_int_equal(count_rows(list), PASSED);
  sy_findings_list_set_release(SY_FINDINGS_LIST(list), NULL);
  assert_string_equal(sy_findings_list_get_verdict(SY_FINDINGS_LIST(list)), "");
  part_window_close(window);
}

static void all_of_it_is_copied_as_text(void **state)
{
  g_autoptr(SyRelease) release = bad_release();
  GtkWidget *list = sy_findings_list_new();
  GtkWidget *window = part_window_new(list, 700, 600);
  g_auto(GValue) value = G_VALUE_INIT;

  sy_findings_list_set_release(SY_FINDINGS_LIST(list), release);
  toggle(window, "Problems");
  assert_true(gtk_widget_activate_action(list, "findings.copy", NULL));
  g_value_init(&value, G_TYPE_STRING);
  assert_true(gdk_content_provider_get_value(
      gdk_clipboard_get_content(gtk_widget_get_clipboard(list)), &value, NULL));
  assert_true(g_str_has_prefix(g_value_get_string(&value),
                               "2 errors: of this file only the HIGH half can be sent.\n"
                               "Error · LOW · "));
  assert_non_null(strstr(g_value_get_string(&value), "Error · LOW · Vectors · 0x00002014: The "));
  assert_non_null(strstr(g_value_get_string(&value), "\nPassed · HIGH · Bank · 0x00010000: "));
  part_window_close(window);
}

static void the_list_is_one_stop_for_tab(void **state)
{
  g_autoptr(SyRelease) release = bad_release();
  GtkWidget *list = sy_findings_list_new();
  GtkWidget *window = part_window_new(list, 700, 600);
  g_autoptr(SyFindings) findings = sy_findings_new(release, NULL);
  g_autofree char *sentence = NULL;
  GtkWidget *row;
  guint stops = 0;

  sy_findings_list_set_release(SY_FINDINGS_LIST(list), release);
  test_spin_ms(50);
  gtk_window_set_focus(GTK_WINDOW(window), NULL);
  while (stops < 20 && gtk_widget_child_focus(list, GTK_DIR_TAB_FORWARD))
    stops++;
  /* A choice of two, a button, the list. */
  assert_true(stops >= 3 && stops <= 4);
  gtk_test_accessible_assert_property(find_type(list, GTK_TYPE_LIST_VIEW),
                                      GTK_ACCESSIBLE_PROPERTY_LABEL, "Findings");
  row = gtk_widget_get_first_child(find_type(list, GTK_TYPE_LIST_VIEW));
  sentence = sy_finding_item_dup_sentence(item_at(findings, 0));
  assert_true(g_str_has_prefix(sentence, "Error · LOW · Checksum · 0x0000207C: The header says"));
  gtk_test_accessible_assert_property(row, GTK_ACCESSIBLE_PROPERTY_LABEL, sentence);
  part_window_close(window);
}

static void it_fits_wide_and_narrow(void **state)
{
  g_autoptr(SyRelease) release = bad_release();
  const int widths[] = {820, 360};
  const char *const names[] = {"findings", "findings-narrow"};

  for (guint n = 0; n < G_N_ELEMENTS(widths); n++) {
    GtkWidget *list = sy_findings_list_new();
    GtkWidget *window = part_window_new(list, widths[n], 640);

    sy_findings_list_set_release(SY_FINDINGS_LIST(list), release);
    test_spin_ms(100);
    assert_true(gtk_widget_get_width(window) <= widths[n]);
    part_pictures(window, names[n]);
    part_window_close(window);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_good_file_can_be_sent_and_says_what_was_looked_at),
      cmocka_unit_test(what_is_wrong_comes_first_with_its_place),
      cmocka_unit_test(half_a_release_and_none_have_their_verdicts),
      cmocka_unit_test(a_finding_in_a_file_names_its_line),
      cmocka_unit_test(what_is_wrong_with_the_text_stands_with_its_line),
      cmocka_unit_test(more_problems_than_are_kept_are_counted),
      cmocka_unit_test(what_the_release_says_of_its_text_is_said_once),
      cmocka_unit_test(a_row_leads_to_its_address),
      cmocka_unit_test(a_row_without_an_address_leads_to_its_line),
      cmocka_unit_test(what_is_right_can_be_left_out),
      cmocka_unit_test(all_of_it_is_copied_as_text),
      cmocka_unit_test(the_list_is_one_stop_for_tab),
      cmocka_unit_test(it_fits_wide_and_narrow),
  };
  int failed;

  if (!test_application_start()) {
    g_print("1..0 # SKIP no display\n");
    return 0;
  }
  failed = cmocka_run_group_tests(tests, NULL, NULL);
  test_application_stop();
  return failed;
}
