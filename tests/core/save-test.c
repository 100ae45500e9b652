/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Saving is whole or not at all: whatever goes wrong, the old file is as it was and nothing is left
 * beside it.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "image-fixture.h"
#include "sy-convert.h"
#include "temp-folder.h"

enum { LARGE_BYTES = 1024 * 1024, NOBODY = 65534 };

static const SySaveOptions fresh = {.format = SY_FORMAT_HEX};
static const SySaveOptions over = {.format = SY_FORMAT_HEX, .replace = TRUE};

/* Something happens in the middle of the writing, at a moment that is always the same: all that
 * this program and its libraries write goes through here. */
static struct {
  GCancellable *cancel;
  const char *appear; /* a file that somebody else makes */
  guint after;        /* writes */
} meanwhile;

static void put_old(const char *path)
{
  assert_true(g_file_set_contents(path, "old", 3, NULL));
}

ssize_t write(int fd, const void *bytes, size_t length)
{
  ssize_t wrote = syscall(SYS_write, fd, bytes, length);

  if (meanwhile.after > 0 && --meanwhile.after == 0) {
    if (meanwhile.cancel)
      g_cancellable_cancel(meanwhile.cancel);
    if (meanwhile.appear)
      put_old(meanwhile.appear);
  }
  return wrote;
}

typedef struct {
  char *folder;
  char *path; /* of a file in it that is not there yet */
  GFile *file;
  SyImage *small;
  SyImage *large; /* more than is written at once */
} Scene;

static int set_up(void **state)
{
  Scene *scene = g_new0(Scene, 1);

  scene->folder = temp_folder_new();
  scene->path = g_build_filename(scene->folder, "saved.hex", NULL);
  scene->file = g_file_new_for_path(scene->path);
  scene->small = IMAGE({0x10, "a"});
  scene->large = image_fixture_flat(0, LARGE_BYTES, 'x');
  *state = scene;
  return 0;
}

static int tear_down(void **state)
{
  Scene *scene = *state;

  temp_folder_remove(scene->folder);
  g_free(scene->path);
  g_object_unref(scene->file);
  sy_image_unref(scene->small);
  sy_image_unref(scene->large);
  g_free(scene);
  return 0;
}

static void assert_holds(const char *path, const char *wanted)
{
  g_autofree char *text = NULL;

  assert_true(g_file_get_contents(path, &text, NULL, NULL));
  assert_string_equal(text, wanted);
}

static guint count_entries(const char *folder)
{
  g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
  guint count = 0;

  assert_non_null(dir);
  while (g_dir_read_name(dir))
    count++;
  return count;
}

static void save_ok(SyImage *image, GFile *file, const SySaveOptions *options)
{
  g_autoptr(GError) error = NULL;

  if (!sy_image_save(image, file, options, NULL, &error))
    fail_msg("%s", error->message);
}

static void save_fails(SyImage *image, GFile *file, const SySaveOptions *options, GQuark domain,
                       int code)
{
  g_autoptr(GError) error = NULL;

  assert_false(sy_image_save(image, file, options, NULL, &error));
  if (!g_error_matches(error, domain, code))
    fail_msg("another error: %s", error->message);
}

#define SMALL_HEX ":01001000618E\n:00000001FF\n"

static void a_new_file_is_made_with_the_permissions_of_any_new_file(void **state)
{
  Scene *scene = *state;
  mode_t mask = umask(027);
  struct stat info;

  save_ok(scene->small, scene->file, &fresh);
  umask(mask);
  assert_holds(scene->path, SMALL_HEX);
  assert_int_equal(g_stat(scene->path, &info), 0);
  assert_int_equal(info.st_mode & 07777, 0640);
  assert_int_equal(count_entries(scene->folder), 1);
}

static void a_file_that_exists_is_kept_unless_told_otherwise(void **state)
{
  Scene *scene = *state;

  put_old(scene->path);
  save_fails(scene->small, scene->file, &fresh, G_IO_ERROR, G_IO_ERROR_EXISTS);
  assert_holds(scene->path, "old");
  assert_int_equal(count_entries(scene->folder), 1);
  save_ok(scene->small, scene->file, &over);
  assert_holds(scene->path, SMALL_HEX);
  assert_int_equal(count_entries(scene->folder), 1);
}

static void a_replaced_file_keeps_its_permissions(void **state)
{
  Scene *scene = *state;
  struct stat info;

  put_old(scene->path);
  assert_int_equal(g_chmod(scene->path, 0604), 0);
  save_ok(scene->small, scene->file, &over);
  assert_int_equal(g_stat(scene->path, &info), 0);
  assert_int_equal(info.st_mode & 07777, 0604);
}

static void a_cancel_in_the_middle_leaves_everything_as_it_was(void **state)
{
  Scene *scene = *state;

  put_old(scene->path);
  for (guint after = 1; after <= 3; after++) {
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    g_autoptr(GError) error = NULL;

    meanwhile.after = after;
    meanwhile.cancel = cancellable;
    assert_false(sy_image_save(scene->large, scene->file, &over, cancellable, &error));
    assert_int_equal(meanwhile.after, 0); /* it came in the middle */
    meanwhile.cancel = NULL;
    assert_true(g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
    assert_holds(scene->path, "old");
    assert_int_equal(count_entries(scene->folder), 1);
  }
}

static void a_file_that_came_to_be_in_the_meantime_is_kept(void **state)
{
  Scene *scene = *state;

  meanwhile.after = 1;
  meanwhile.appear = scene->path;
  save_fails(scene->large, scene->file, &fresh, G_IO_ERROR, G_IO_ERROR_EXISTS);
  meanwhile.appear = NULL;
  assert_int_equal(meanwhile.after, 0);
  assert_holds(scene->path, "old");
  assert_int_equal(count_entries(scene->folder), 1);
}

static void a_cancel_before_anything_writes_nothing(void **state)
{
  Scene *scene = *state;
  g_autoptr(GCancellable) cancellable = g_cancellable_new();
  g_autoptr(GError) error = NULL;

  g_cancellable_cancel(cancellable);
  assert_false(sy_image_save(scene->small, scene->file, &fresh, cancellable, &error));
  assert_true(g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  assert_int_equal(count_entries(scene->folder), 0);
}

/* The limit on a file's size stands for a disk that fills up in the middle. */
static void a_disk_that_is_full_leaves_everything_as_it_was(void **state)
{
  Scene *scene = *state;
  struct rlimit before, little;
  gboolean saved_new, saved_over;
  g_autoptr(GError) error_new = NULL;
  g_autoptr(GError) error_over = NULL;
  g_autofree char *other = g_build_filename(scene->folder, "other.hex", NULL);
  g_autoptr(GFile) old = g_file_new_for_path(other);

  put_old(other);
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
  little = before;
  little.rlim_cur = 300 * 1000; /* one piece fits */
  signal(SIGXFSZ, SIG_IGN);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
  saved_new = sy_image_save(scene->large, scene->file, &fresh, NULL, &error_new);
  saved_over = sy_image_save(scene->large, old, &over, NULL, &error_over);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
  signal(SIGXFSZ, SIG_DFL);

  assert_false(saved_new);
  assert_false(saved_over);
  assert_non_null(strstr(error_new->message, g_strerror(EFBIG)));
  assert_non_null(strstr(error_over->message, g_strerror(EFBIG)));
  assert_holds(other, "old");
  assert_int_equal(count_entries(scene->folder), 1);
}

/* Tries as somebody whom permissions concern. */
static void save_is_denied(SyImage *image, GFile *file, const SySaveOptions *options)
{
  gboolean root = geteuid() == 0;
  g_autoptr(GError) error = NULL;
  gboolean saved;

  if (root)
    assert_int_equal(seteuid(NOBODY), 0);
  saved = sy_image_save(image, file, options, NULL, &error);
  if (root)
    assert_int_equal(seteuid(0), 0);
  assert_false(saved);
  assert_true(g_error_matches(error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED));
}

static void a_folder_that_takes_no_files_leaves_everything_as_it_was(void **state)
{
  Scene *scene = *state;
  g_autofree char *other = g_build_filename(scene->folder, "other.hex", NULL);
  g_autoptr(GFile) old = g_file_new_for_path(other);

  /* The old file itself might be written, but not replaced as a whole. */
  put_old(other);
  assert_int_equal(g_chmod(other, 0666), 0);
  assert_int_equal(g_chmod(scene->folder, 0555), 0);
  save_is_denied(scene->small, scene->file, &fresh);
  save_is_denied(scene->small, old, &over);
  assert_int_equal(g_chmod(scene->folder, 0755), 0);
  assert_holds(other, "old");
  assert_int_equal(count_entries(scene->folder), 1);
}

static void a_file_that_may_not_be_written_is_not_replaced(void **state)
{
  Scene *scene = *state;

  put_old(scene->path);
  assert_int_equal(g_chmod(scene->path, 0444), 0);
  assert_int_equal(g_chmod(scene->folder, 0777), 0);
  save_is_denied(scene->small, scene->file, &over);
  assert_holds(scene->path, "old");
  assert_int_equal(count_entries(scene->folder), 1);
}

static void what_a_symbolic_link_leads_to_is_replaced_and_the_link_kept(void **state)
{
  Scene *scene = *state;
  g_autofree char *inner = g_build_filename(scene->folder, "inner", NULL);
  g_autofree char *target = g_build_filename(inner, "target.hex", NULL);
  g_autofree char *there = NULL;

  assert_int_equal(g_mkdir(inner, 0755), 0);
  put_old(target);
  assert_int_equal(symlink("inner/target.hex", scene->path), 0);
  save_fails(scene->small, scene->file, &fresh, G_IO_ERROR, G_IO_ERROR_EXISTS);
  assert_holds(target, "old");
  save_ok(scene->small, scene->file, &over);
  assert_holds(target, SMALL_HEX);
  there = g_file_read_link(scene->path, NULL);
  assert_string_equal(there, "inner/target.hex");
  assert_int_equal(count_entries(inner), 1);
  assert_int_equal(count_entries(scene->folder), 2);
}

static void a_link_that_leads_nowhere_stays(void **state)
{
  Scene *scene = *state;
  g_autofree char *there = NULL;

  assert_int_equal(symlink("nowhere", scene->path), 0);
  save_fails(scene->small, scene->file, &fresh, G_IO_ERROR, G_IO_ERROR_EXISTS);
  save_fails(scene->small, scene->file, &over, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  there = g_file_read_link(scene->path, NULL);
  assert_string_equal(there, "nowhere");
}

static void another_name_of_the_old_file_keeps_the_old_bytes(void **state)
{
  Scene *scene = *state;
  g_autofree char *other = g_build_filename(scene->folder, "other", NULL);

  put_old(scene->path);
  assert_int_equal(link(scene->path, other), 0);
  save_ok(scene->small, scene->file, &over);
  assert_holds(other, "old");
  assert_holds(scene->path, SMALL_HEX);
}

static void what_is_no_plain_file_is_not_replaced(void **state)
{
  Scene *scene = *state;
  g_autofree char *inner = g_build_filename(scene->folder, "absent", "file", NULL);
  g_autoptr(GFile) in_absent = g_file_new_for_path(inner);
  g_autoptr(GFile) folder = g_file_new_for_path(scene->folder);
  g_autoptr(GFile) remote = g_file_new_for_uri("sftp://host.invalid/file.hex");

  assert_int_equal(mkfifo(scene->path, 0600), 0);
  save_fails(scene->small, scene->file, &over, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE);
  save_fails(scene->small, folder, &over, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY);
  save_fails(scene->small, in_absent, &fresh, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  save_fails(scene->small, remote, &fresh, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  assert_int_equal(count_entries(scene->folder), 1);
}

static void what_cannot_be_saved_is_refused_before_anything_is_written(void **state)
{
  Scene *scene = *state;
  const SySaveOptions raw = {.format = SY_FORMAT_BINARY};
  g_autoptr(SyImage) nothing = image_fixture_empty();
  g_autoptr(SyImage) apart = IMAGE({0, "a"}, {0xffffffff, "b"});
  g_autoptr(SyImage) too_far = IMAGE({0, "a"}, {SY_SAVE_BINARY_MAX, "b"});

  save_fails(nothing, scene->file, &fresh, SY_CONVERT_ERROR, SY_CONVERT_ERROR_EMPTY);
  save_fails(apart, scene->file, &raw, SY_CONVERT_ERROR, SY_CONVERT_ERROR_LARGE);
  save_fails(too_far, scene->file, &raw, SY_CONVERT_ERROR, SY_CONVERT_ERROR_LARGE);
  assert_int_equal(count_entries(scene->folder), 0);
  save_ok(apart, scene->file, &fresh);
}

int main(void)
{
#define ON_DISK(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      ON_DISK(a_new_file_is_made_with_the_permissions_of_any_new_file),
      ON_DISK(a_file_that_exists_is_kept_unless_told_otherwise),
      ON_DISK(a_replaced_file_keeps_its_permissions),
      ON_DISK(a_cancel_in_the_middle_leaves_everything_as_it_was),
      ON_DISK(a_file_that_came_to_be_in_the_meantime_is_kept),
      ON_DISK(a_cancel_before_anything_writes_nothing),
      ON_DISK(a_disk_that_is_full_leaves_everything_as_it_was),
      ON_DISK(a_folder_that_takes_no_files_leaves_everything_as_it_was),
      ON_DISK(a_file_that_may_not_be_written_is_not_replaced),
      ON_DISK(what_a_symbolic_link_leads_to_is_replaced_and_the_link_kept),
      ON_DISK(a_link_that_leads_nowhere_stays),
      ON_DISK(another_name_of_the_old_file_keeps_the_old_bytes),
      ON_DISK(what_is_no_plain_file_is_not_replaced),
      ON_DISK(what_cannot_be_saved_is_refused_before_anything_is_written),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
