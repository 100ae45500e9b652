/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Reading a substation back: which ranges a file asks for, what a window gets, and what is said. */

#include "sy-hex.h"
#include "sy-link.h"
#include "sy-locate.h"
#include "sy-read-back.h"
#include "sy-station.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

typedef struct {
  SyStation *station;
  GMainLoop *loop;
  gboolean ok;
  GError *error;
  SyResult result;
  SyImage *image;
  GCancellable *cancel_at; /* once a page is there */
} Watch;

static void on_progress(SyStation *station, Watch *watch)
{
  if (watch->cancel_at && sy_station_get_progress(station)->bytes_done > 0)
    g_cancellable_cancel(watch->cancel_at);
}

static int set_up(void **state)
{
  Watch *watch = g_new0(Watch, 1);

  watch->loop = g_main_loop_new(NULL, FALSE);
  watch->station = sy_station_new("virtual");
  g_signal_connect(watch->station, "progress-changed", G_CALLBACK(on_progress), watch);
  *state = watch;
  return 0;
}

static int tear_down(void **state)
{
  Watch *watch = *state;

  g_object_unref(watch->station);
  g_main_loop_unref(watch->loop);
  g_clear_error(&watch->error);
  g_clear_pointer(&watch->image, sy_image_unref);
  g_clear_object(&watch->cancel_at);
  g_free(watch);
  return 0;
}

static void on_read(GObject *source, GAsyncResult *async_result, gpointer user_data)
{
  Watch *watch = user_data;

  watch->ok = sy_station_read_finish(SY_STATION(source), async_result, &watch->result,
                                     &watch->image, &watch->error);
  g_main_loop_quit(watch->loop);
}

static void read_ranges(Watch *watch, const SyRange *ranges, guint n_ranges)
{
  sy_station_read_async(watch->station, ranges, n_ranges, watch->cancel_at, on_read, watch);
  g_main_loop_run(watch->loop);
}

static SyImage *load(const char *name)
{
  g_autofree char *path = sy_locate_firmware(name);
  g_autoptr(GFile) file = g_file_new_for_path(path);
  SyImage *image = sy_hex_load(file, NULL, NULL);

  assert_non_null(image);
  return image;
}

static gboolean log_says(SyStation *station, const char *part)
{
  GListModel *log = sy_station_get_log(station);

  for (guint i = 0; i < g_list_model_get_n_items(log); i++) {
    g_autoptr(SyLogEntry) entry = g_list_model_get_item(log, i);

    if (strstr(sy_log_entry_get_text(entry), part))
      return TRUE;
  }
  return FALSE;
}

/* ---- Ranges ---- */

static SyImage *make_image(const SyRange *ranges, guint n_ranges)
{
  SyImageBuilder *builder = sy_image_builder_new();

  for (guint i = 0; i < n_ranges; i++) {
    g_autofree guint8 *bytes = g_malloc0(ranges[i].length);

    assert_true(
        sy_image_builder_add(builder, ranges[i].addr, bytes, (guint32)ranges[i].length, 0, NULL));
  }
  return sy_image_builder_end(builder);
}

static void check_ranges(const SyRange *of_file, guint n_of_file, const SyRange *wanted,
                         guint n_wanted)
{
  g_autoptr(SyImage) file = make_image(of_file, n_of_file);
  g_autoptr(GArray) found = sy_read_back_find_ranges(file, NULL);

  assert_int_equal(found->len, n_wanted);
  for (guint i = 0; i < n_wanted; i++) {
    assert_int_equal(g_array_index(found, SyRange, i).addr, wanted[i].addr);
    assert_int_equal(g_array_index(found, SyRange, i).length, wanted[i].length);
  }
}

static void a_file_asks_for_its_own_bytes_within_a_range(void **state)
{
  const SyRange file[] = {{0x2001, 1}, {0x21ff, 2}, {0x10000, 0x100}};
  const SyRange low = {0x2000, 0xe000}, part = {0x2200, 0xde80};
  g_autoptr(SyImage) image = make_image(file, G_N_ELEMENTS(file));
  g_autoptr(GArray) in_low = sy_read_back_find_ranges(image, &low);
  g_autoptr(GArray) in_part = sy_read_back_find_ranges(image, &part);

  (void)state;
  check_ranges(file, G_N_ELEMENTS(file), file, G_N_ELEMENTS(file));
  assert_int_equal(in_low->len, 2);
  assert_int_equal(in_part->len, 2);
  assert_int_equal(g_array_index(in_part, SyRange, 0).addr, 0x2200);
  assert_int_equal(g_array_index(in_part, SyRange, 0).length, 1);
  assert_int_equal(g_array_index(in_part, SyRange, 1).addr, 0x10000);
  assert_int_equal(g_array_index(in_part, SyRange, 1).length, 0x80);
}

static void what_cannot_be_read_is_not_asked_for(void **state)
{
  const SyRange all[] = {{0, 0x20000}}, all_wanted[] = {{0x40, 0x1dfc0}};
  const SyRange edges[] = {{0, 0x41}, {0x1dfff, 2}, {0xfffffffe, 2}};
  const SyRange edges_wanted[] = {{0x40, 1}, {0x1dfff, 1}};
  const SyRange outside[] = {{0x1e000, 16}, {0x40000000, 16}};

  (void)state;
  check_ranges(all, 1, all_wanted, 1);
  check_ranges(edges, 3, edges_wanted, 2);
  check_ranges(outside, 2, NULL, 0);
  check_ranges(NULL, 0, NULL, 0);
}

static void what_was_read_has_gaps_where_nobody_can_read(void **state)
{
  const SyRange ranges[] = {{0, 0x80}, {0x60, 0x40}, {0x1dff0, 0x20}, {0xffffffff, 1}};
  g_autofree guint8 *flash = g_malloc(WIRE_FLASH_SIZE);
  g_autoptr(SyImage) image = NULL;

  (void)state;
  for (guint i = 0; i < WIRE_FLASH_SIZE; i++)
    flash[i] = (guint8)(i * 7 + i / 256);
  image = sy_read_back_make_image(ranges, G_N_ELEMENTS(ranges), flash);
  assert_int_equal(sy_image_get_n_segments(image), 2);
  assert_int_equal(sy_image_get_segment(image, 0)->addr, 0x40);
  assert_int_equal(sy_image_get_segment(image, 0)->length, 0x60);
  assert_memory_equal(sy_image_get_segment(image, 0)->bytes, flash + 0x40, 0x60);
  assert_int_equal(sy_image_get_segment(image, 1)->addr, 0x1dff0);
  assert_int_equal(sy_image_get_segment(image, 1)->length, 0x10);
  assert_int_equal(sy_read_back_count(ranges, G_N_ELEMENTS(ranges)), 0x70);
}

/* ---- The station ---- */

static void what_the_factory_wrote_is_read_back_but_for_the_first_64_bytes(void **state)
{
  Watch *watch = *state;
  g_autoptr(SyImage) file = load("factory.hex");
  g_autoptr(GArray) ranges = sy_read_back_find_ranges(file, NULL);
  guint64 compared = 0;

  read_ranges(watch, (const SyRange *)(gpointer)ranges->data, ranges->len);
  assert_true(watch->ok);
  assert_int_equal(watch->result.outcome, SY_OUTCOME_DONE);
  assert_non_null(watch->image);
  for (guint i = 0; i < sy_image_get_n_segments(file); i++) {
    const SySegment *segment = sy_image_get_segment(file, i);
    guint32 skipped = segment->addr < WIRE_READABLE_START ? WIRE_READABLE_START - segment->addr : 0;
    guint32 length = segment->length - skipped;
    const guint8 *read = sy_image_peek(watch->image, segment->addr + skipped, length);

    assert_non_null(read);
    assert_memory_equal(read, segment->bytes + skipped, length);
    compared += length;
  }
  assert_int_equal(compared, sy_image_get_size(file) - WIRE_READABLE_START);
  assert_null(sy_image_find_segment(watch->image, WIRE_READABLE_START - 1));
  assert_int_equal(sy_station_get_job(watch->station), SY_JOB_READ);
  assert_int_equal(sy_station_get_state(watch->station), SY_STATION_CONNECTED);
  assert_int_equal(sy_station_get_identity(watch->station)->mode, WIRE_MODE_PROGRAM);
  assert_true(sy_station_get_progress(watch->station)->fraction == 1);
  assert_true(log_says(watch->station, "Reading the flash back"));
  assert_true(log_says(watch->station, "The substation was read. It runs LOW 1.0.0, as before."));
}

static void a_cancelled_read_hands_nothing_over_and_the_program_runs(void **state)
{
  const SyRange everything = {0, 0x20000};
  Watch *watch = *state;

  watch->cancel_at = g_cancellable_new();
  read_ranges(watch, &everything, 1);
  assert_true(g_cancellable_is_cancelled(watch->cancel_at));
  assert_true(watch->ok);
  assert_int_equal(watch->result.outcome, SY_OUTCOME_REFUSED);
  assert_int_equal(watch->result.reason, SY_REASON_CANCELLED);
  assert_null(watch->image);
  assert_int_equal(sy_station_get_state(watch->station), SY_STATION_CONNECTED);
  assert_int_equal(sy_station_get_identity(watch->station)->mode, WIRE_MODE_PROGRAM);
  assert_true(
      log_says(watch->station,
               "Reading was cancelled. Nothing was changed. The substation runs LOW 1.0.0."));
}

static void a_read_of_nothing_that_can_be_read_does_not_begin(void **state)
{
  const SyRange ranges[] = {{0, 0x40}, {0x1e000, 0x2000}, {0x40000000, 4}};
  Watch *watch = *state;

  read_ranges(watch, ranges, G_N_ELEMENTS(ranges));
  assert_false(watch->ok);
  assert_true(g_error_matches(watch->error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT));
  assert_null(watch->image);
  assert_int_equal(sy_station_get_state(watch->station), SY_STATION_CLOSED);
}

static void a_second_job_is_refused_while_a_read_runs(void **state)
{
  const SyRange range = {0x2000, 0x400};
  Watch *watch = *state, other = {.loop = watch->loop};

  sy_station_read_async(watch->station, &range, 1, NULL, on_read, watch);
  sy_station_read_async(watch->station, &range, 1, NULL, on_read, &other);
  g_main_loop_run(watch->loop); /* that of the refused one comes first */
  assert_false(other.ok);
  assert_true(g_error_matches(other.error, G_IO_ERROR, G_IO_ERROR_BUSY));
  g_main_loop_run(watch->loop);
  assert_true(watch->ok);
  assert_int_equal(sy_image_get_size(watch->image), 0x400);
  g_clear_error(&other.error);
}

/* ---- Words ---- */

static void every_end_of_a_read_has_words_of_its_own(void **state)
{
  static const struct {
    SyReason reason;
    const char *text;
  } cases[] = {
      {SY_REASON_NO_READING,
       "The substation's loader is too old to show what lies in flash. Nothing "
       "was changed. The substation runs HIGH 1.1.0."},
      {SY_REASON_NO_PROGRAM,
       "A substation is read only when it has a program to go on with. Nothing "
       "was changed. The substation runs HIGH 1.1.0."},
      {SY_REASON_ON_TRIAL,
       "HIGH 1.1.0 is on trial. Confirm it or go back to the other program, then "
       "read the substation. Nothing was changed. The substation runs HIGH "
       "1.1.0."},
      {SY_REASON_RESTARTED, "The substation restarted while it was read. Nothing was changed. The "
                            "substation runs HIGH 1.1.0."},
      {SY_REASON_CANCELLED,
       "Reading was cancelled. Nothing was changed. The substation runs HIGH 1.1.0."},
  };
  SyResult result = {.outcome = SY_OUTCOME_REFUSED, .identified = true};
  g_autofree char *done = NULL;

  (void)state;
  result.identity.mode = WIRE_MODE_PROGRAM;
  result.identity.running_bank = WIRE_BANK_HIGH;
  result.identity.program_version = WIRE_VERSION(1, 1, 0);
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autofree char *sentence = NULL;

    result.reason = cases[i].reason;
    sentence = sy_result_dup_sentence(SY_JOB_READ, &result);
    assert_string_equal(sentence, cases[i].text);
  }
  result.outcome = SY_OUTCOME_DONE;
  result.reason = SY_REASON_NONE;
  done = sy_result_dup_sentence(SY_JOB_READ, &result);
  assert_string_equal(done, "The substation was read. It runs HIGH 1.1.0, as before.");
}

#define station_test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_file_asks_for_its_own_bytes_within_a_range),
      cmocka_unit_test(what_cannot_be_read_is_not_asked_for),
      cmocka_unit_test(what_was_read_has_gaps_where_nobody_can_read),
      station_test(what_the_factory_wrote_is_read_back_but_for_the_first_64_bytes),
      station_test(a_cancelled_read_hands_nothing_over_and_the_program_runs),
      station_test(a_read_of_nothing_that_can_be_read_does_not_begin),
      station_test(a_second_job_is_refused_while_a_read_runs),
      cmocka_unit_test(every_end_of_a_read_has_words_of_its_own),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
