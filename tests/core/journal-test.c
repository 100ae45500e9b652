/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The log on disk: read back with a JSON reader that is not our own. */

#include "sy-journal.h"
#include "temp-folder.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <utime.h>
#include <unistd.h>

#include <cmocka.h>

enum { KILLED_LINES = 5000, TIME_S = 1764000000 };

static void append_at(SyJournal *journal, gint64 time_us, const char *text)
{
  const SyJournalLine line = {.time_us = time_us, .level = "info", .text = text};
  g_autoptr(GError) error = NULL;

  if (!sy_journal_append(journal, &line, 1, &error))
    fail_msg("%s", error->message);
}

static void append(SyJournal *journal, const char *text)
{
  append_at(journal, (gint64)TIME_S * G_USEC_PER_SEC + 7000, text);
}

/* The objects of a file's lines; each must be one. */
static GPtrArray *read_file(const char *path)
{
  GPtrArray *nodes = g_ptr_array_new_with_free_func((GDestroyNotify)json_node_unref);
  g_autofree char *text = NULL;
  g_auto(GStrv) lines = NULL;
  g_autoptr(GError) error = NULL;

  if (!g_file_get_contents(path, &text, NULL, &error))
    fail_msg("%s", error->message);
  assert_true(g_str_has_suffix(text, "\n"));
  text[strlen(text) - 1] = '\0';
  lines = g_strsplit(text, "\n", -1);
  for (guint i = 0; lines[i]; i++) {
    JsonNode *node = json_from_string(lines[i], &error);

    if (!node || !JSON_NODE_HOLDS_OBJECT(node))
      fail_msg("line %u of %s: %s", i + 1, path, lines[i]);
    g_ptr_array_add(nodes, node);
  }
  return nodes;
}

static const char *get_string(GPtrArray *nodes, guint index, const char *key)
{
  return json_object_get_string_member(json_node_get_object(g_ptr_array_index(nodes, index)), key);
}

static guint count_files(const char *folder)
{
  g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
  guint count = 0;

  while (dir && g_dir_read_name(dir))
    count++;
  return count;
}

static int set_up(void **state)
{
  *state = temp_folder_new();
  return 0;
}

static int tear_down(void **state)
{
  temp_folder_remove(*state);
  return 0;
}

static void a_file_says_what_it_is_and_holds_each_line(void **state)
{
  static const char odd[] = "“quoted \"text\"”, back\\slash,\nline\tend \x01 日本";
  g_autofree char *folder = g_build_filename(*state, "a", "log", NULL);
  g_autoptr(SyJournal) journal = sy_journal_new(folder, "1.2.3", "/dev/serial/by-id/usb FTDI");
  g_autoptr(GPtrArray) nodes = NULL;
  GStatBuf info;

  assert_null(sy_journal_get_path(journal)); /* nothing was said yet */
  assert_false(g_file_test(folder, G_FILE_TEST_EXISTS));
  append(journal, odd);
  append(journal, "no utf-8: \xff");
  nodes = read_file(sy_journal_get_path(journal));
  assert_int_equal(nodes->len, 3);
  assert_string_equal(get_string(nodes, 0, "program"), "switchyard");
  assert_string_equal(get_string(nodes, 0, "version"), "1.2.3");
  assert_string_equal(get_string(nodes, 0, "port"), "/dev/serial/by-id/usb FTDI");
  assert_true(g_regex_match_simple(
      "^20\\d\\d-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}[+-]\\d\\d:\\d\\d$",
      get_string(nodes, 0, "start"), 0, 0));
  assert_string_equal(get_string(nodes, 1, "text"), odd);
  assert_string_equal(get_string(nodes, 1, "level"), "info");
  assert_non_null(strstr(get_string(nodes, 2, "text"), "no utf-8: "));
  assert_int_equal(g_stat(sy_journal_get_path(journal), &info), 0);
  assert_int_equal(info.st_mode & 0777, 0600);
  assert_int_equal(g_stat(folder, &info), 0);
  assert_int_equal(info.st_mode & 0777, 0700);
  /* A port's name leads nowhere else. */
  assert_true(g_str_has_suffix(sy_journal_get_path(journal), "-usb_FTDI-1.jsonl"));
}

static void a_time_can_be_read_back_to_the_millisecond(void **state)
{
  g_autoptr(SyJournal) journal = sy_journal_new(*state, "1", "virtual");
  g_autoptr(GPtrArray) nodes = NULL;
  g_autoptr(GDateTime) time = NULL;

  append(journal, "now");
  nodes = read_file(sy_journal_get_path(journal));
  time = g_date_time_new_from_iso8601(get_string(nodes, 1, "time"), NULL);
  assert_non_null(time);
  assert_int_equal(g_date_time_to_unix(time), TIME_S);
  assert_int_equal(g_date_time_get_microsecond(time), 7000);
}

/* In a process of its own, which is killed without a word when it has told its last line. */
static void log_and_die(const char *folder, int tell)
{
  g_autoptr(SyJournal) journal = sy_journal_new(folder, "1", "virtual");

  for (guint n = 0; n < KILLED_LINES; n++) {
    g_autofree char *text = g_strdup_printf("line %u", n);
    const SyJournalLine line = {.time_us = n, .level = "debug", .text = text};

    if (!sy_journal_append(journal, &line, 1, NULL))
      _exit(1);
  }
  if (write(tell, "x", 1) != 1)
    _exit(1);
  raise(SIGKILL);
}

static char *find_only_file(const char *folder)
{
  g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);

  assert_int_equal(count_files(folder), 1);
  return g_build_filename(folder, g_dir_read_name(dir), NULL);
}

static void a_program_that_is_killed_loses_no_line(void **state)
{
  g_autoptr(GPtrArray) nodes = NULL;
  g_autofree char *path = NULL;
  char told;
  int status;
  int fds[2];
  pid_t child;

  assert_int_equal(pipe(fds), 0);
  child = fork();
  if (child == 0)
    log_and_die(*state, fds[1]);
  close(fds[1]);
  assert_int_equal(read(fds[0], &told, 1), 1);
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  path = find_only_file(*state);
  nodes = read_file(path);
  assert_int_equal(nodes->len, KILLED_LINES + 1);
  for (guint n = 0; n < KILLED_LINES; n++) {
    g_autofree char *text = g_strdup_printf("line %u", n);

    assert_string_equal(get_string(nodes, n + 1, "text"), text);
  }
  close(fds[0]);
}

static void a_session_has_a_file_of_its_own_even_in_the_same_second(void **state)
{
  g_autoptr(SyJournal) one = sy_journal_new(*state, "1", "virtual");
  g_autoptr(SyJournal) two = sy_journal_new(*state, "1", "virtual");

  append(one, "of one");
  append(two, "of two");
  append(one, "of one again");
  assert_string_not_equal(sy_journal_get_path(one), sy_journal_get_path(two));
  assert_int_equal(count_files(*state), 2);
}

static void too_long_a_file_is_followed_by_another(void **state)
{
  g_autoptr(SyJournal) journal = sy_journal_new(*state, "1", "virtual");
  g_autofree char *text = g_strnfill(1 << 20, 'a');
  g_autofree char *first = NULL;
  g_autoptr(GPtrArray) nodes = NULL;
  GStatBuf info;

  append(journal, text);
  first = g_strdup(sy_journal_get_path(journal));
  for (guint n = 1; n < SY_JOURNAL_BYTES_MAX >> 20; n++)
    append(journal, text);
  assert_string_not_equal(sy_journal_get_path(journal), first);
  assert_int_equal(g_stat(first, &info), 0);
  assert_true(info.st_size <= SY_JOURNAL_BYTES_MAX);
  nodes = read_file(sy_journal_get_path(journal));
  assert_int_equal(nodes->len, 2);
  assert_int_equal(
      json_object_get_int_member(json_node_get_object(g_ptr_array_index(nodes, 0)), "part"), 2);
}

static void of_too_many_files_the_oldest_go_and_no_others(void **state)
{
  const char *folder = *state;
  g_autofree char *foreign = g_build_filename(folder, "notes.txt", NULL);
  g_autofree char *oldest = NULL;
  g_autofree char *newest = NULL;

  assert_true(g_file_set_contents(foreign, "mine", -1, NULL));
  for (guint n = 0; n < SY_JOURNAL_FILES_MAX + 5; n++) {
    g_autofree char *name = g_strdup_printf("20200101-0000%02u-virtual-1.jsonl", n);
    g_autofree char *path = g_build_filename(folder, name, NULL);
    struct utimbuf times = {.actime = 1000 + n, .modtime = 1000 + n};

    assert_true(g_file_set_contents(path, "{}\n", -1, NULL));
    assert_int_equal(g_utime(path, &times), 0);
    g_free(n == 0 ? oldest : newest);
    *(n == 0 ? &oldest : &newest) = g_steal_pointer(&path);
  }
  {
    g_autoptr(SyJournal) journal = sy_journal_new(folder, "1", "virtual");

    append(journal, "new");
    assert_true(g_file_test(sy_journal_get_path(journal), G_FILE_TEST_EXISTS));
  }
  assert_int_equal(count_files(folder), SY_JOURNAL_FILES_MAX + 1);
  assert_false(g_file_test(oldest, G_FILE_TEST_EXISTS));
  assert_true(g_file_test(newest, G_FILE_TEST_EXISTS));
  assert_true(g_file_test(foreign, G_FILE_TEST_EXISTS));
}

/* A file that may not grow is as good as a full disk. */
static void set_file_limit(rlim_t bytes)
{
  struct rlimit limit;

  assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
  limit.rlim_cur = bytes;
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_full_disk_leaves_whole_lines_and_says_later_what_is_missing(void **state)
{
  g_autoptr(SyJournal) journal = sy_journal_new(*state, "1", "virtual");
  g_autofree char *text = g_strnfill(3000, 'a');
  const SyJournalLine line = {.time_us = 1, .level = "info", .text = text};
  g_autoptr(GPtrArray) nodes = NULL;
  g_autoptr(GError) error = NULL;

  signal(SIGXFSZ, SIG_IGN);
  append(journal, "before");
  set_file_limit(2000);
  assert_false(sy_journal_append(journal, &line, 1, &error));
  assert_non_null(error);
  assert_false(sy_journal_append(journal, &line, 1, NULL));
  set_file_limit(RLIM_INFINITY);
  append(journal, "after");
  nodes = read_file(sy_journal_get_path(journal));
  assert_int_equal(nodes->len, 4);
  assert_string_equal(get_string(nodes, 1, "text"), "before");
  assert_string_equal(get_string(nodes, 2, "level"), "warning");
  assert_non_null(strstr(get_string(nodes, 2, "text"), "2 lines are missing here"));
  assert_string_equal(get_string(nodes, 3, "text"), "after");
}

static void a_folder_that_cannot_be_is_an_error_each_time(void **state)
{
  g_autofree char *file = g_build_filename(*state, "file", NULL);
  g_autofree char *folder = g_build_filename(file, "log", NULL);
  g_autoptr(SyJournal) journal = NULL;
  const SyJournalLine line = {.time_us = 1, .level = "info", .text = "text"};

  assert_true(g_file_set_contents(file, "", -1, NULL));
  journal = sy_journal_new(folder, "1", "virtual");
  for (guint n = 0; n < 3; n++) {
    g_autoptr(GError) error = NULL;

    assert_false(sy_journal_append(journal, &line, 1, &error));
    assert_true(error->domain == G_IO_ERROR);
  }
  assert_null(sy_journal_get_path(journal));
}

static void a_file_that_somebody_took_away_is_followed_by_another(void **state)
{
  g_autoptr(SyJournal) journal = sy_journal_new(*state, "1", "virtual");
  g_autoptr(GPtrArray) nodes = NULL;

  append(journal, "before");
  assert_int_equal(g_unlink(sy_journal_get_path(journal)), 0);
  append(journal, "after");
  nodes = read_file(sy_journal_get_path(journal));
  assert_string_equal(get_string(nodes, 1, "text"), "after");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(a_file_says_what_it_is_and_holds_each_line),
      TEST(a_time_can_be_read_back_to_the_millisecond),
      TEST(a_program_that_is_killed_loses_no_line),
      TEST(a_session_has_a_file_of_its_own_even_in_the_same_second),
      TEST(too_long_a_file_is_followed_by_another),
      TEST(of_too_many_files_the_oldest_go_and_no_others),
      TEST(a_full_disk_leaves_whole_lines_and_says_later_what_is_missing),
      TEST(a_folder_that_cannot_be_is_an_error_each_time),
      TEST(a_file_that_somebody_took_away_is_followed_by_another),
  };
#undef TEST

  return cmocka_run_group_tests(tests, NULL, NULL);
}
