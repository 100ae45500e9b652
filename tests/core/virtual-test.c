/* SPDX-License-Identifier: GPL-3.0-or-later */

/* SyVirtual: a real virtual substation that outlives its link, and what is made to go wrong on it.
 * Started as `virtual-test owner` it has one until it is killed. */

#include "sy-locate.h"
#include "sy-station.h"
#include "sy-virtual.h"

#include <gio/gunixinputstream.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { DEADLINE_S = 60 };

typedef struct {
  SyStation *station;
  SyVirtual *substation; /* the station's */
  gboolean done, ok;
  GError *error;
  SyResult result;
} Bench;

static int set_up(void **state)
{
  Bench *bench = g_new0(Bench, 1);

  bench->station = sy_station_new("virtual");
  bench->substation = sy_station_get_virtual(bench->station);
  *state = bench;
  return 0;
}

static int tear_down(void **state)
{
  Bench *bench = *state;

  g_clear_error(&bench->error);
  g_object_unref(bench->station);
  g_free(bench);
  return 0;
}

static gboolean raise_flag(gpointer flag)
{
  *(gboolean *)flag = TRUE;
  return G_SOURCE_REMOVE;
}

static void wait_done(Bench *bench)
{
  gboolean late = FALSE;
  guint source = g_timeout_add_seconds(DEADLINE_S, raise_flag, &late);

  while (!bench->done && !late)
    g_main_context_iteration(NULL, TRUE);
  if (late)
    fail_msg("waited %d s in vain", DEADLINE_S);
  g_source_remove(source);
  bench->done = FALSE;
}

static void on_identified(GObject *source, GAsyncResult *result, gpointer user_data)
{
  Bench *bench = user_data;

  g_clear_error(&bench->error);
  bench->ok = sy_station_identify_finish(SY_STATION(source), result, &bench->error);
  bench->done = TRUE;
}

static gboolean identify(Bench *bench)
{
  sy_station_identify_async(bench->station, TRUE, NULL, on_identified, bench);
  wait_done(bench);
  return bench->ok;
}

static void on_upgraded(GObject *source, GAsyncResult *result, gpointer user_data)
{
  Bench *bench = user_data;

  bench->ok = sy_station_upgrade_finish(SY_STATION(source), result, &bench->result, &bench->error);
  bench->done = TRUE;
}

static SyOutcome upgrade(Bench *bench)
{
  g_autofree char *path = sy_locate_firmware("release.hex");
  g_autoptr(GFile) file = g_file_new_for_path(path);
  g_autoptr(SyImageFile) loaded = sy_image_file_load(file, NULL, NULL, NULL);
  g_autoptr(SyRelease) release = sy_release_new_from_file(loaded);

  sy_station_upgrade_anew_async(bench->station, release, NULL, on_upgraded, bench);
  wait_done(bench);
  assert_true(bench->ok);
  return bench->result.outcome;
}

static void on_synced(GObject *source, GAsyncResult *result, gpointer user_data)
{
  Bench *bench = user_data;

  g_clear_error(&bench->error);
  bench->ok = sy_virtual_sync_finish(SY_VIRTUAL(source), result, &bench->error);
  bench->done = TRUE;
}

static gboolean sync_commands(Bench *bench)
{
  sy_virtual_sync_async(bench->substation, on_synced, bench);
  wait_done(bench);
  return bench->ok;
}

static WireBank get_bank(Bench *bench)
{
  return (WireBank)sy_station_get_identity(bench->station)->running_bank;
}

static void note_fired(SyVirtual *substation, const char *kind, guint count, GString *told)
{
  (void)substation;
  g_string_append_printf(told, "%s %u\n", kind, count);
}

/* The pseudo terminal is closed: the station hears that by itself. */
static void lose_link(Bench *bench)
{
  gboolean late = FALSE;
  guint source = g_timeout_add_seconds(DEADLINE_S, raise_flag, &late);

  while (sy_station_get_state(bench->station) == SY_STATION_CONNECTED && !late)
    g_main_context_iteration(NULL, TRUE);
  assert_false(late);
  g_source_remove(source);
}

/* --- tests --- */

static void unplugged_it_goes_on_and_is_the_same_afterwards(void **state)
{
  Bench *bench = *state;

  assert_true(identify(bench));
  assert_int_equal(upgrade(bench), SY_OUTCOME_DONE);
  assert_int_equal(get_bank(bench), WIRE_BANK_HIGH);
  sy_virtual_set_plugged(bench->substation, FALSE);
  assert_true(sync_commands(bench));
  lose_link(bench);
  assert_int_equal(sy_station_get_trouble(bench->station)->kind, SY_TROUBLE_GONE);
  assert_false(identify(bench));
  assert_true(g_error_matches(bench->error, SY_LINK_ERROR, SY_LINK_ERROR_ABSENT));
  assert_non_null(strstr(bench->error->message, "Plug it in again"));
  sy_virtual_set_plugged(bench->substation, TRUE);
  assert_true(identify(bench));
  assert_int_equal(get_bank(bench), WIRE_BANK_HIGH);
}

static void a_fault_counts_from_now_and_is_told(void **state)
{
  Bench *bench = *state;
  g_autoptr(GString) told = g_string_new(NULL);

  g_signal_connect(bench->substation, "fault-fired", G_CALLBACK(note_fired), told);
  for (guint n = 1; n <= 2; n++) {
    assert_true(identify(bench)); /* bytes that are not counted */
    assert_int_equal(sy_virtual_count_fired(bench->substation, "drop-rx"), n - 1);
    sy_virtual_add_fault(bench->substation, "drop-rx", 1);
    assert_true(sync_commands(bench));
    assert_true(identify(bench)); /* asked twice */
    assert_true(sync_commands(bench));
    assert_int_equal(sy_virtual_count_fired(bench->substation, "drop-rx"), n);
  }
  assert_string_equal(told->str, "drop-rx 1\ndrop-rx 2\n");
}

static void what_is_refused_is_told_once(void **state)
{
  Bench *bench = *state;

  assert_true(identify(bench));
  sy_virtual_add_fault(bench->substation, "no-such", 1);
  assert_false(sync_commands(bench));
  assert_true(g_error_matches(bench->error, SY_LINK_ERROR, SY_LINK_ERROR_FAILED));
  assert_true(sync_commands(bench));
}

static void a_cleared_fault_does_not_come(void **state)
{
  Bench *bench = *state;

  assert_true(identify(bench));
  sy_virtual_add_fault(bench->substation, "unplug-block", 8);
  sy_virtual_clear_faults(bench->substation);
  assert_int_equal(upgrade(bench), SY_OUTCOME_DONE);
  assert_int_equal(sy_virtual_count_fired(bench->substation, "unplug-block"), 0);
  assert_true(sy_virtual_get_plugged(bench->substation));
}

static void a_cable_pulled_by_a_fault_is_known_to_be_pulled(void **state)
{
  Bench *bench = *state;

  assert_true(identify(bench));
  sy_virtual_add_fault(bench->substation, "unplug-block", 8);
  assert_int_equal(upgrade(bench), SY_OUTCOME_UNKNOWN);
  assert_int_equal(bench->result.reason, SY_REASON_LINK_LOST);
  assert_true(sync_commands(bench));
  assert_int_equal(sy_virtual_count_fired(bench->substation, "unplug-block"), 1);
  assert_false(sy_virtual_get_plugged(bench->substation));
}

static void reset_it_is_as_on_its_first_day(void **state)
{
  Bench *bench = *state;

  assert_true(identify(bench));
  assert_int_equal(upgrade(bench), SY_OUTCOME_DONE);
  sy_virtual_add_fault(bench->substation, "silent-after", 0);
  sy_virtual_set_plugged(bench->substation, FALSE);
  sy_virtual_reset(bench->substation);
  assert_true(sy_virtual_get_plugged(bench->substation));
  assert_true(sync_commands(bench));
  lose_link(bench);
  assert_true(identify(bench));
  assert_int_equal(get_bank(bench), WIRE_BANK_LOW);
  assert_int_equal(sy_station_get_identity(bench->station)->banks[1].state, WIRE_BANK_EMPTY);
}

static void one_that_died_is_started_anew(void **state)
{
  Bench *bench = *state;
  g_autofree char *program = sy_locate_substation();
  g_autofree char *before = g_strdup(g_getenv("SWITCHYARD_SUBSTATION"));

  assert_false(sync_commands(bench)); /* none yet */
  assert_true(g_error_matches(bench->error, SY_LINK_ERROR, SY_LINK_ERROR_LOST));
  g_setenv("SWITCHYARD_SUBSTATION", "/bin/true", TRUE);
  assert_false(identify(bench));
  assert_false(sync_commands(bench));
  g_setenv("SWITCHYARD_SUBSTATION", "/absent/substation", TRUE);
  assert_false(identify(bench));
  assert_true(g_error_matches(bench->error, SY_LINK_ERROR, SY_LINK_ERROR_ABSENT));
  g_setenv("SWITCHYARD_SUBSTATION", program, TRUE);
  assert_true(identify(bench));
  assert_true(sync_commands(bench));
  if (!before)
    g_unsetenv("SWITCHYARD_SUBSTATION");
}

static void only_the_virtual_port_has_one(void **state)
{
  Bench *bench = *state;
  g_autoptr(SyStation) other = sy_station_new("pty:/absent");

  assert_non_null(bench->substation);
  assert_null(sy_station_get_virtual(other));
}

/* Substation and owner share the pipe, which ends when both have. */
static void it_ends_when_its_owner_is_killed(void **state)
{
  g_autoptr(GSubprocess) owner =
      g_subprocess_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE, NULL, "/proc/self/exe", "owner", NULL);
  GInputStream *pipe;
  GPollFD end = {.events = G_IO_IN};
  char byte;

  (void)state;
  assert_non_null(owner);
  pipe = g_subprocess_get_stdout_pipe(owner);
  end.fd = g_unix_input_stream_get_fd(G_UNIX_INPUT_STREAM(pipe));
  assert_int_equal(g_input_stream_read(pipe, &byte, 1, NULL, NULL), 1);
  g_subprocess_force_exit(owner);
  assert_true(g_subprocess_wait(owner, NULL, NULL));
  assert_int_equal(g_poll(&end, 1, 1000 * DEADLINE_S), 1);
  assert_int_equal(g_input_stream_read(pipe, &byte, 1, NULL, NULL), 0);
}

static int run_owner(void)
{
  g_autoptr(SyVirtual) substation = sy_virtual_new();
  g_autoptr(SyLink) link = sy_virtual_connect(substation, NULL);
  guint8 byte = 0;

  if (!link)
    return 1;
  /* It talks: it runs, and has its line. */
  for (guint n = 0; n < 10 * DEADLINE_S && sy_link_read(link, &byte, 1, NULL) == 0; n++) {
    GPollFD fd = {.fd = sy_link_get_fd(link), .events = G_IO_IN};

    g_poll(&fd, 1, 100);
  }
  g_print(".");
  g_main_loop_run(g_main_loop_new(NULL, FALSE));
  return 0;
}

int main(int argc, char **argv)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(unplugged_it_goes_on_and_is_the_same_afterwards),
      TEST(a_fault_counts_from_now_and_is_told),
      TEST(what_is_refused_is_told_once),
      TEST(a_cleared_fault_does_not_come),
      TEST(a_cable_pulled_by_a_fault_is_known_to_be_pulled),
      TEST(reset_it_is_as_on_its_first_day),
      TEST(one_that_died_is_started_anew),
      TEST(only_the_virtual_port_has_one),
      cmocka_unit_test(it_ends_when_its_owner_is_killed),
  };
#undef TEST

  if (argc > 1 && g_str_equal(argv[1], "owner"))
    return run_owner();
  return cmocka_run_group_tests_name("virtual substation", tests, NULL, NULL);
}
