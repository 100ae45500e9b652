/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The library: which programs go when there are too many, what else may lie in its folder, and
 * several threads at once.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "library-fixture.h"

static void what_is_kept_already_is_not_written_again_but_counts_as_used(void **state)
{
  (void)state;
  g_autoptr(SyRelease) release = library_half_new(WIRE_BANK_LOW, RELEASE_VERSION);
  g_autofree char *path = library_path_of(release, WIRE_BANK_LOW);
  time_t now = time(NULL);

  library_add(release);

  ino_t first = library_stat(path).st_ino;

  library_set_used(release, WIRE_BANK_LOW, 1000);
  library_add(release);
  assert_int_equal(library_stat(path).st_ino, first);
  assert_true(library_stat(path).st_mtim.tv_sec >= now - 1);
}

/* SY_LIBRARY_MAX programs for LOW in the order of their use, the first the longest ago. */
static void fill(SyRelease *kept[SY_LIBRARY_MAX])
{
  for (guint i = 0; i < SY_LIBRARY_MAX; i++) {
    kept[i] = library_half_new(WIRE_BANK_LOW, WIRE_VERSION(1, 0, i));
    library_add(kept[i]);
    library_set_used(kept[i], WIRE_BANK_LOW, (int)(2 * SY_LIBRARY_MAX - i));
  }
  assert_int_equal(library_count_files(), SY_LIBRARY_MAX);
}

static void empty(SyRelease *kept[SY_LIBRARY_MAX])
{
  for (guint i = 0; i < SY_LIBRARY_MAX; i++)
    sy_release_unref(kept[i]);
}

static void the_one_longest_not_used_goes_when_there_are_too_many(void **state)
{
  (void)state;
  SyRelease *kept[SY_LIBRARY_MAX];
  g_autoptr(SyRelease) release = library_release_new(WIRE_VERSION(2, 0, 0));

  fill(kept);
  assert_true(library_is_found(kept[0], WIRE_BANK_LOW)); /* used: now 1 and 2 are the oldest */
  library_add(release);
  assert_int_equal(library_count_files(), SY_LIBRARY_MAX);
  assert_true(library_is_found(release, WIRE_BANK_LOW));
  assert_true(library_is_found(release, WIRE_BANK_HIGH));
  for (guint i = 0; i < SY_LIBRARY_MAX; i++)
    assert_int_equal(library_is_found(kept[i], WIRE_BANK_LOW), i != 1 && i != 2);
  empty(kept);
}

static void files_from_the_future_are_the_oldest(void **state)
{
  (void)state;
  enum { DAY_S = 24 * 60 * 60 };
  SyRelease *kept[SY_LIBRARY_MAX];
  g_autoptr(SyRelease) release = library_half_new(WIRE_BANK_HIGH, WIRE_VERSION(2, 0, 0));

  fill(kept);
  library_set_used(kept[7], WIRE_BANK_LOW, -DAY_S);
  library_add(release);
  assert_true(library_is_found(release, WIRE_BANK_HIGH));
  for (guint i = 0; i < SY_LIBRARY_MAX; i++)
    assert_int_equal(library_is_found(kept[i], WIRE_BANK_LOW), i != 7);
  empty(kept);
}

static void what_is_somebody_elses_stays_and_is_not_counted(void **state)
{
  (void)state;
  static const char *const names[] = {
      "notes.txt",
      "low-1-0.bin",
      "low-4660-0123abcd.bin~",
      "xlow-4660-0123abcd.bin",
      "low-1-ABCDEF01.bin",
      "high-1-0123abcd.bin\n",
      "high-1-0123abcd.bin.backup",
      ".hidden",
  };
  SyRelease *kept[SY_LIBRARY_MAX];
  g_autoptr(SyRelease) release = library_half_new(WIRE_BANK_HIGH, WIRE_VERSION(2, 0, 0));
  g_autofree char *link = g_build_filename(library_folder, "low-4660-0123abcd.bin", NULL);

  fill(kept);
  for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
    g_autofree char *path = g_build_filename(library_folder, names[i], NULL);

    library_put(path, names[i], strlen(names[i]));
    assert_int_equal(utimensat(AT_FDCWD, path, (struct timespec[2]){{0}, {0}}, 0), 0);
  }
  assert_int_equal(symlink(names[0], link), 0);
  library_add(release);
  assert_int_equal(library_count_files(), SY_LIBRARY_MAX + G_N_ELEMENTS(names) + 1);
  for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
    g_autofree char *path = g_build_filename(library_folder, names[i], NULL);

    assert_int_equal(library_stat(path).st_size, strlen(names[i]));
  }
  assert_true(S_ISLNK(library_stat(link).st_mode));
  assert_false(library_is_found(kept[0], WIRE_BANK_LOW));
  assert_true(library_is_found(kept[1], WIRE_BANK_LOW));
  empty(kept);
}

static void a_draft_that_a_crash_left_goes_in_its_time(void **state)
{
  (void)state;
  SyRelease *kept[SY_LIBRARY_MAX];
  g_autoptr(SyRelease) release = library_half_new(WIRE_BANK_HIGH, WIRE_VERSION(2, 0, 0));

  fill(kept);

  g_autofree char *path = library_path_of(kept[0], WIRE_BANK_LOW);
  g_autofree char *draft = g_strconcat(path, ".0123abcd", NULL);

  assert_int_equal(g_rename(path, draft), 0);
  library_add(release);
  assert_int_equal(library_count_files(), SY_LIBRARY_MAX);
  assert_false(g_file_test(draft, G_FILE_TEST_EXISTS));
  assert_true(library_is_found(kept[1], WIRE_BANK_LOW));
  empty(kept);
}

/* ---- Several at once ---- */

enum { THREADS = 4 };

typedef struct {
  SyLibrary *shared;
  guint rounds;
} Adding;

static SyRelease *release_of_round(guint round)
{
  return library_release_new(WIRE_VERSION(3, 0, round));
}

/* How many of the programs were found when they had just been added. */
static gpointer add_and_find(gpointer data)
{
  const Adding *adding = data;
  guint found = 0;

  for (guint round = 0; round < adding->rounds; round++) {
    g_autoptr(SyRelease) release = release_of_round(round);
    const SyProgram *program = sy_release_get_program(release, WIRE_BANK_LOW);
    g_autoptr(GBytes) bytes = NULL;

    sy_library_add_release(adding->shared, release);
    bytes = sy_library_find(adding->shared, WIRE_BANK_LOW, RELEASE_LENGTH, program->header.crc);
    if (bytes && !g_bytes_equal(bytes, program->bytes))
      return NULL;
    found += bytes != NULL;
  }
  return GUINT_TO_POINTER(found);
}

/* The fewest that any of the threads found; all of them add the same. */
static guint work_at_once(guint rounds)
{
  g_autoptr(SyLibrary) library = sy_library_new(library_folder);
  Adding adding = {.shared = library, .rounds = rounds};
  GThread *threads[THREADS];
  guint fewest = G_MAXUINT;

  for (guint i = 0; i < THREADS; i++)
    threads[i] = g_thread_new("add", add_and_find, &adding);
  for (guint i = 0; i < THREADS; i++)
    fewest = MIN(fewest, GPOINTER_TO_UINT(g_thread_join(threads[i])));
  return fewest;
}

static void threads_that_add_the_same_at_once_all_find_it(void **state)
{
  (void)state;
  enum { ROUNDS = (SY_LIBRARY_MAX - THREADS) / 2 }; /* each thread's draft needs room too */

  assert_int_equal(work_at_once(ROUNDS), ROUNDS);
  assert_int_equal(library_count_files(), 2 * ROUNDS); /* and no draft is left */
}

static void threads_that_make_room_at_once_keep_what_is_newest(void **state)
{
  (void)state;
  enum { ROUNDS = SY_LIBRARY_MAX };
  g_autoptr(SyRelease) last = release_of_round(ROUNDS - 1);

  assert_int_not_equal(work_at_once(ROUNDS), 0);
  assert_true(library_count_files() <= SY_LIBRARY_MAX);
  assert_true(library_is_found(last, WIRE_BANK_LOW));
  assert_true(library_is_found(last, WIRE_BANK_HIGH));
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, library_set_up, library_tear_down)
  const struct CMUnitTest tests[] = {
      TEST(what_is_kept_already_is_not_written_again_but_counts_as_used),
      TEST(the_one_longest_not_used_goes_when_there_are_too_many),
      TEST(files_from_the_future_are_the_oldest),
      TEST(what_is_somebody_elses_stays_and_is_not_counted),
      TEST(a_draft_that_a_crash_left_goes_in_its_time),
      TEST(threads_that_add_the_same_at_once_all_find_it),
      TEST(threads_that_make_room_at_once_keep_what_is_newest),
  };
#undef TEST

  return cmocka_run_group_tests(tests, NULL, NULL);
}
