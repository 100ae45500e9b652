/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A log's newest lines, and those of them that fit. */

#include "sy-log-model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* So many stay when one more comes than can. */
enum { MAX = 6400, LEFT = MAX - MAX / 64 };

/* More lines than are looked at in one go, and in how many it is at least; and rows that a list of
 * GTK has, and that it may be asked to build in one go. */
enum { MANY = 64000, TURNS_MIN = 6, ROWS = 200, ROWS_AT_ONCE = 32 };

/* What a list widget would have by what it was told; fails when that cannot be. */
typedef struct {
  GPtrArray *items; /* borrowed entries */
  guint signals;
} Mirror;

static void on_items_changed(GListModel *model, guint position, guint removed, guint added,
                             Mirror *mirror)
{
  mirror->signals++;
  assert_true(position + removed <= mirror->items->len);
  if (removed > 0)
    g_ptr_array_remove_range(mirror->items, position, removed);
  for (guint i = 0; i < added; i++) {
    g_autoptr(SyLogEntry) entry = g_list_model_get_item(model, position + i);

    assert_non_null(entry);
    g_ptr_array_insert(mirror->items, (int)(position + i), entry);
  }
  assert_int_equal(mirror->items->len, g_list_model_get_n_items(model));
}

static void mirror_init(Mirror *mirror, gpointer model)
{
  *mirror = (Mirror){.items = g_ptr_array_new()};
  g_signal_connect(model, "items-changed", G_CALLBACK(on_items_changed), mirror);
}

static void assert_mirrors(const Mirror *mirror, gpointer model)
{
  assert_int_equal(mirror->items->len, g_list_model_get_n_items(model));
  for (guint i = 0; i < mirror->items->len; i++) {
    g_autoptr(SyLogEntry) entry = g_list_model_get_item(model, i);

    assert_ptr_equal(entry, g_ptr_array_index(mirror->items, i));
  }
}

static void append(SyLogModel *log, SyLogLevel level, const char *text)
{
  g_autoptr(SyLogEntry) entry = sy_log_entry_new(level, text);

  sy_log_model_append(log, &entry, 1);
}

/* Lines "line FIRST" and on, in one burst. */
static void append_burst(SyLogModel *log, guint first, guint count)
{
  g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func(g_object_unref);

  for (guint i = 0; i < count; i++) {
    g_autofree char *text = g_strdup_printf("line %u", first + i);

    g_ptr_array_add(entries, sy_log_entry_new(i % 2 ? SY_LOG_DEBUG : SY_LOG_INFO, text));
  }
  sy_log_model_append(log, (SyLogEntry *const *)entries->pdata, count);
}

static void assert_line(gpointer model, guint position, const char *expected)
{
  g_autoptr(SyLogEntry) entry = g_list_model_get_item(model, position);

  assert_non_null(entry);
  assert_string_equal(sy_log_entry_get_text(entry), expected);
}

static void the_newest_lines_are_kept_and_bursts_are_told_once(void **state)
{
  g_autoptr(SyLogModel) log = sy_log_model_new(MAX);
  Mirror mirror;

  (void)state;
  mirror_init(&mirror, log);
  append_burst(log, 0, 4000);
  assert_int_equal(mirror.signals, 1);
  append_burst(log, 4000, MAX - 4000);
  assert_int_equal(mirror.signals, 2);
  assert_int_equal(g_list_model_get_n_items(G_LIST_MODEL(log)), MAX);
  append_burst(log, MAX, 1);
  assert_int_equal(mirror.signals, 4); /* some go, one comes */
  assert_int_equal(g_list_model_get_n_items(G_LIST_MODEL(log)), LEFT);
  assert_line(log, 0, "line 101");
  assert_line(log, LEFT - 1, "line 6400");
  assert_null(g_list_model_get_item(G_LIST_MODEL(log), LEFT));
  append_burst(log, MAX + 1, MAX / 64);
  assert_int_equal(mirror.signals, 5); /* none goes until there are too many again */
  for (guint n = 0; n < 40; n++)
    append_burst(log, 7000 + 333 * n, 333);
  assert_mirrors(&mirror, log);
  assert_line(log, g_list_model_get_n_items(G_LIST_MODEL(log)) - 1, "line 20319");
  append_burst(log, 30000, 2 * MAX + 1);
  assert_int_equal(g_list_model_get_n_items(G_LIST_MODEL(log)), MAX);
  assert_line(log, 0, "line 36401");
  assert_line(log, MAX - 1, "line 42800");
  assert_mirrors(&mirror, log);
  g_ptr_array_unref(mirror.items);
}

static void what_is_no_utf8_is_mended(void **state)
{
  g_autoptr(SyLogEntry) entry = sy_log_entry_new(SY_LOG_INFO, "port \xff\xfe!");

  (void)state;
  assert_true(g_utf8_validate(sy_log_entry_get_text(entry), -1, NULL));
  assert_non_null(strstr(sy_log_entry_get_text(entry), "port "));
}

static SyLogFilter *new_filter(SyLogModel *log, Mirror *mirror)
{
  SyLogFilter *filter = sy_log_filter_new();

  mirror_init(mirror, filter);
  sy_log_filter_set_log(filter, G_LIST_MODEL(log));
  return filter;
}

static guint count(SyLogFilter *filter)
{
  return g_list_model_get_n_items(G_LIST_MODEL(filter));
}

static void lines_are_shown_from_a_level_up(void **state)
{
  g_autoptr(SyLogModel) log = sy_log_model_new(MAX);
  Mirror mirror;
  g_autoptr(SyLogFilter) filter = new_filter(log, &mirror);

  (void)state;
  for (guint level = SY_LOG_TRACE; level < SY_LOG_LEVELS; level++)
    append(log, (SyLogLevel)level, sy_log_level_to_string((SyLogLevel)level));
  assert_int_equal(count(filter), 5);
  for (guint level = SY_LOG_TRACE; level < SY_LOG_LEVELS; level++) {
    sy_log_filter_set_level(filter, (SyLogLevel)level);
    assert_int_equal(count(filter), SY_LOG_LEVELS - level);
    assert_line(filter, 0, sy_log_level_to_string((SyLogLevel)level));
  }
  append(log, SY_LOG_WARNING, "not this");
  append(log, SY_LOG_ERROR, "but this");
  assert_int_equal(count(filter), 2);
  assert_int_equal(sy_log_filter_get_present(filter), 7);
  assert_mirrors(&mirror, filter);
  g_ptr_array_unref(mirror.items);
}

static void a_text_is_found_in_either_case_and_any_script(void **state)
{
  static const struct {
    const char *search;
    guint found;
  } cases[] = {{"", 5},         {"low", 2}, {"LOW 1.1", 1}, {"größe", 1}, {"GRÖSSE", 0}, {"GRÖ", 1},
               {"子站运行", 1}, {"站x", 0}, {"1.0 2", 0},   {"h", 2},     {"→ da", 1},   {"é", 0}};
  g_autoptr(SyLogModel) log = sy_log_model_new(MAX);
  Mirror mirror;
  g_autoptr(SyLogFilter) filter = new_filter(log, &mirror);

  (void)state;
  append(log, SY_LOG_INFO, "The substation runs LOW 1.0.0");
  append(log, SY_LOG_INFO, "low 1.1");
  append(log, SY_LOG_INFO, "Die Größe stimmt");
  append(log, SY_LOG_INFO, "子站运行 HIGH");
  append(log, SY_LOG_TRACE, "→ DATA seq 7");
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    sy_log_filter_set_search(filter, cases[i].search);
    if (count(filter) != cases[i].found)
      fail_msg("“%s” is found %u times", cases[i].search, count(filter));
    assert_mirrors(&mirror, filter);
  }
  g_ptr_array_unref(mirror.items);
}

static void old_lines_go_from_what_is_shown_too(void **state)
{
  g_autoptr(SyLogModel) log = sy_log_model_new(MAX);
  Mirror mirror;
  g_autoptr(SyLogFilter) filter = new_filter(log, &mirror);

  (void)state;
  sy_log_filter_set_level(filter, SY_LOG_INFO); /* every other line */
  for (guint n = 0; n < 60; n++)
    append_burst(log, 500 * n, 500);
  assert_int_equal(count(filter), sy_log_filter_get_present(filter) / 2);
  assert_line(filter, count(filter) - 1, "line 29998");
  assert_mirrors(&mirror, filter);
  g_ptr_array_unref(mirror.items);
}

static void on_status(SyLogFilter *filter, GParamSpec *pspec, guint *told)
{
  (void)filter;
  (void)pspec;
  (*told)++;
}

static void a_pause_holds_lines_back_and_counts_those_that_fit(void **state)
{
  g_autoptr(SyLogModel) log = sy_log_model_new(MAX);
  Mirror mirror;
  g_autoptr(SyLogFilter) filter = new_filter(log, &mirror);
  guint told = 0;

  (void)state;
  append_burst(log, 0, 100);
  sy_log_filter_set_level(filter, SY_LOG_INFO);
  sy_log_filter_finish(filter);
  sy_log_filter_set_paused(filter, TRUE);
  g_signal_connect(filter, "notify::status", G_CALLBACK(on_status), &told);
  append_burst(log, 100, 60);
  assert_int_equal(count(filter), 50);
  assert_int_equal(sy_log_filter_get_held(filter), 30);
  assert_int_equal(told, 1);
  sy_log_filter_set_search(filter, "line 1"); /* of 0 to 98 even: 10, 12, 14, 16, 18 */
  sy_log_filter_finish(filter);
  assert_int_equal(count(filter), 5);
  assert_int_equal(sy_log_filter_get_held(filter), 30);
  sy_log_filter_set_search(filter, "");
  sy_log_filter_finish(filter);
  /* So much comes that the log drops what one looks at: it stays. */
  append_burst(log, 160, MAX);
  assert_int_equal(count(filter), 50);
  assert_line(filter, 0, "line 0");
  sy_log_filter_set_paused(filter, FALSE);
  assert_int_equal(sy_log_filter_get_held(filter), 0);
  assert_int_equal(count(filter), MAX / 2);
  assert_line(filter, 0, "line 160");
  assert_line(filter, MAX / 2 - 1, "line 6558");
  assert_mirrors(&mirror, filter);
  g_ptr_array_unref(mirror.items);
}

static void what_comes_while_nobody_looks_is_told_at_once(void **state)
{
  g_autoptr(SyLogModel) log = sy_log_model_new(MAX);
  Mirror mirror;
  g_autoptr(SyLogFilter) filter = new_filter(log, &mirror);
  guint signals;

  (void)state;
  append_burst(log, 0, 100);
  sy_log_filter_set_frozen(filter, TRUE);
  signals = mirror.signals;
  for (guint n = 0; n < 50; n++)
    append_burst(log, 100 + n, 1);
  assert_int_equal(mirror.signals, signals);
  assert_int_equal(count(filter), 100);
  sy_log_filter_set_frozen(filter, FALSE);
  assert_int_equal(mirror.signals, signals + 1);
  assert_mirrors(&mirror, filter);
  assert_line(filter, 149, "line 149");
  /* So much comes that of what was told nothing is left, and of what was not, some is gone. */
  sy_log_filter_set_frozen(filter, TRUE);
  for (guint n = 0; n < 20; n++)
    append_burst(log, 1000 * n, 1000);
  assert_int_equal(count(filter), 0);
  sy_log_filter_set_frozen(filter, FALSE);
  assert_int_equal(count(filter), sy_log_filter_get_present(filter));
  assert_line(filter, count(filter) - 1, "line 19999");
  assert_mirrors(&mirror, filter);
  g_ptr_array_unref(mirror.items);
}

static void another_log_ends_a_pause(void **state)
{
  g_autoptr(SyLogModel) log = sy_log_model_new(MAX);
  g_autoptr(SyLogModel) other = sy_log_model_new(MAX);
  Mirror mirror;
  g_autoptr(SyLogFilter) filter = new_filter(log, &mirror);

  (void)state;
  append_burst(log, 0, 10);
  sy_log_filter_set_paused(filter, TRUE);
  append(other, SY_LOG_INFO, "other");
  sy_log_filter_set_log(filter, G_LIST_MODEL(other));
  assert_false(sy_log_filter_is_paused(filter));
  append(log, SY_LOG_INFO, "of the one that was left");
  assert_int_equal(count(filter), 1);
  assert_line(filter, 0, "other");
  sy_log_filter_set_log(filter, NULL);
  assert_int_equal(count(filter), 0);
  assert_mirrors(&mirror, filter);
  g_ptr_array_unref(mirror.items);
}

/* ---- More lines than there is time for ---- */

static SyLogModel *new_long_log(void)
{
  SyLogModel *log = sy_log_model_new(MANY);

  for (guint n = 0; n < MANY; n += 1000)
    append_burst(log, n, 1000);
  return log;
}

/* The entry that is so far from the end; NULL. */
static gpointer peek_from_end(const Mirror *mirror, guint distance)
{
  guint len = mirror->items->len;

  return distance < len ? g_ptr_array_index(mirror->items, len - 1 - distance) : NULL;
}

/* Lets the main loop do one thing; whether it had any. Fails when a list that is at its end would
 * have more rows to build than it may, or other rows than before altogether. */
static gboolean turn(const Mirror *mirror)
{
  gpointer before[ROWS];
  gboolean busy;
  guint built = 0, gone = 0;

  for (guint n = 0; n < ROWS; n++)
    before[n] = peek_from_end(mirror, n);
  busy = g_main_context_iteration(NULL, FALSE);
  for (guint n = 0; n < ROWS; n++) {
    gpointer entry = peek_from_end(mirror, n);

    built += entry && entry != before[n];
    gone += before[n] && entry != before[n];
  }
  assert_true(built <= ROWS_AT_ONCE);
  assert_true(built + gone <= ROWS);
  assert_true(mirror->items->len > 0);
  return busy;
}

static void many_lines_are_looked_through_in_pieces(void **state)
{
  g_autoptr(SyLogModel) log = new_long_log();
  Mirror mirror;
  g_autoptr(SyLogFilter) filter = new_filter(log, &mirror);

  (void)state;
  sy_log_filter_finish(filter);
  assert_int_equal(count(filter), MANY);
  sy_log_filter_set_level(filter, SY_LOG_INFO); /* every other line */
  assert_int_equal(sy_log_filter_get_shown(filter), MANY);
  assert_true(turn(&mirror));
  append_burst(log, MANY, 10); /* and the log drops its first 1010 */
  assert_int_equal(count(filter), MANY - MANY / 64 - 10);
  while (turn(&mirror))
    ;
  assert_int_equal(count(filter), (MANY - MANY / 64) / 2);
  assert_int_equal(sy_log_filter_get_shown(filter), count(filter));
  assert_line(filter, 0, "line 1010");
  assert_line(filter, count(filter) - 1, "line 64008");
  assert_mirrors(&mirror, filter);
  g_ptr_array_unref(mirror.items);
}

/* Until then it has the old ones, of which some go. */
static void the_number_of_lines_shown_changes_once(void **state)
{
  g_autoptr(SyLogModel) log = new_long_log();
  Mirror mirror;
  g_autoptr(SyLogFilter) filter = new_filter(log, &mirror);
  guint changes = 0, turns = 0;
  guint before = MANY;

  (void)state;
  sy_log_filter_finish(filter);
  sy_log_filter_set_search(filter, "line 1");
  do {
    guint shown = sy_log_filter_get_shown(filter);

    turns += changes == 0;
    changes += shown != before;
    before = shown;
  } while (turn(&mirror));
  assert_int_equal(changes, 1);
  assert_true(turns >= TURNS_MIN);
  assert_int_equal(before, 11111); /* 1, 10 to 19, 100 to 199 … */
  g_ptr_array_unref(mirror.items);
}

static void what_is_asked_for_last_is_shown(void **state)
{
  g_autoptr(SyLogModel) log = new_long_log();
  Mirror mirror;
  g_autoptr(SyLogFilter) filter = new_filter(log, &mirror);

  (void)state;
  sy_log_filter_finish(filter);
  sy_log_filter_set_search(filter, "line 1");
  assert_true(turn(&mirror));
  sy_log_filter_set_search(filter, "line 12");
  assert_true(turn(&mirror));
  sy_log_filter_set_paused(filter, TRUE);
  append_burst(log, 12000, 10);
  while (count(filter) > ROWS_AT_ONCE) /* all were looked at */
    assert_true(turn(&mirror));
  sy_log_filter_set_paused(filter, FALSE); /* what was held back comes too */
  while (turn(&mirror))
    ;
  assert_line(filter, count(filter) - 1, "line 12009");
  assert_int_equal(count(filter), 1100 + 10); /* the log has dropped the first */
  assert_mirrors(&mirror, filter);
  g_ptr_array_unref(mirror.items);
}

static void another_log_or_the_end_leaves_nothing_to_do(void **state)
{
  g_autoptr(SyLogModel) log = new_long_log();
  g_autoptr(SyLogModel) other = sy_log_model_new(MAX);
  Mirror mirror;
  SyLogFilter *filter = new_filter(log, &mirror);

  (void)state;
  append(other, SY_LOG_INFO, "other");
  sy_log_filter_finish(filter);
  sy_log_filter_set_level(filter, SY_LOG_INFO);
  sy_log_filter_set_log(filter, G_LIST_MODEL(other));
  assert_int_equal(count(filter), 1);
  while (turn(&mirror))
    ;
  assert_int_equal(count(filter), 1);
  assert_line(filter, 0, "other");
  assert_mirrors(&mirror, filter);
  sy_log_filter_set_log(filter, G_LIST_MODEL(log));
  g_object_unref(filter);
  assert_false(g_main_context_pending(NULL));
  g_ptr_array_unref(mirror.items);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_newest_lines_are_kept_and_bursts_are_told_once),
      cmocka_unit_test(what_is_no_utf8_is_mended),
      cmocka_unit_test(lines_are_shown_from_a_level_up),
      cmocka_unit_test(a_text_is_found_in_either_case_and_any_script),
      cmocka_unit_test(old_lines_go_from_what_is_shown_too),
      cmocka_unit_test(a_pause_holds_lines_back_and_counts_those_that_fit),
      cmocka_unit_test(what_comes_while_nobody_looks_is_told_at_once),
      cmocka_unit_test(another_log_ends_a_pause),
      cmocka_unit_test(many_lines_are_looked_through_in_pieces),
      cmocka_unit_test(the_number_of_lines_shown_changes_once),
      cmocka_unit_test(what_is_asked_for_last_is_shown),
      cmocka_unit_test(another_log_or_the_end_leaves_nothing_to_do),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
