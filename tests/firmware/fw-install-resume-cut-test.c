/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A transfer that goes on behind a power cut at and inside each flash operation, and behind two of
 * them in a row. Whatever is kept is what was sent, nothing is programmed twice since its erase
 * (the bench looks at that), and the program that comes out of it is right.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "resume-bench.h"

/* How a transfer that is cut begins: with so many places of the log used, and in this mode. */
typedef struct {
  unsigned used;
  WireBeginMode mode;
  ResumeOrder order;
} ResumeStart;

/* Each operation of a transfer up to COMMIT, in each way; what is kept is checked in
 * resume_go_on(). */
static unsigned cut_in_transfer(InstallBench *bench, WireBank running, BenchCut cut,
                                const ResumeStart *start)
{
  bool is_emptied = start->used + FW_RECORD_ROOM > WIRE_RECORD_COUNT;
  unsigned operations = is_emptied ? 4 : 3, kept = 0;

  for (unsigned at = 0; at < operations + RESUME_BLOCKS - 1; at++) {
    resume_prepare_log(bench, running, start->used);
    bench->flash.cut = cut;
    bench->flash.cut_at = at;
    resume_try_all(bench, start->mode, start->order);
    assert_true(bench->flash.dead);
    assert_true(resume_come_back(bench));
    kept += resume_go_on(bench, start->order);
    install_prove_new(bench);
  }
  return kept;
}

static void behind_a_cut_at_and_inside_each_operation_of_a_transfer_it_goes_on(void **state)
{
  static const ResumeStart starts[] = {
      {1, WIRE_BEGIN_ANEW, 0}, {1, WIRE_BEGIN_KEEP, 1},  {2, WIRE_BEGIN_ANEW, 2},
      {3, WIRE_BEGIN_KEEP, 3}, {16, WIRE_BEGIN_ANEW, 4}, {16, WIRE_BEGIN_KEEP, 5},
  };
  InstallBench *bench = *state;

  for (WireBank running = WIRE_BANK_LOW; running <= WIRE_BANK_HIGH; running++)
    for (BenchCut cut = BENCH_CUT_BEFORE; cut <= BENCH_CUT_UNSEEN; cut++)
      for (unsigned i = 0; i < sizeof starts / sizeof *starts; i++)
        assert_true(cut_in_transfer(bench, running, cut, &starts[i]) > 2 * RESUME_SECTOR);
}

/* The record, and the seal, which goes to a sector that may be one to keep. */
static void behind_a_cut_inside_commit_it_goes_on_or_the_new_program_starts(void **state)
{
  InstallBench *bench = *state;

  for (WireBank running = WIRE_BANK_LOW; running <= WIRE_BANK_HIGH; running++)
    for (BenchCut cut = BENCH_CUT_BEFORE; cut <= BENCH_CUT_UNSEEN; cut++)
      for (unsigned at = RESUME_AT_RECORD; at <= RESUME_AT_SEAL; at++) {
        resume_prepare(bench, running);
        bench->flash.cut = cut;
        bench->flash.cut_at = at;
        resume_try_all(bench, WIRE_BEGIN_ANEW, 0);
        assert_true(bench->flash.dead);
        if (resume_come_back(bench))
          resume_go_on(bench, 0);
        install_prove_new(bench);
      }
}

/* A block fails, its sector is erased anew, and power fails at or inside any operation from there.
 */
static void behind_a_cut_around_a_sector_that_was_erased_anew_it_goes_on(void **state)
{
  InstallBench *bench = *state;

  for (BenchCut cut = BENCH_CUT_BEFORE; cut <= BENCH_CUT_UNSEEN; cut++)
    for (unsigned bad = 17; bad < RESUME_BLOCKS; bad += 5)
      for (unsigned at = bad; at < bad + 2 * RESUME_SECTOR; at++) {
        resume_prepare(bench, WIRE_BANK_LOW);
        bench->flash.fail_addr = bench->new.header.bank_addr + bad *WIRE_BLOCK_SIZE;
        bench->flash.fail_times = 1;
        bench->flash.cut = cut;
        bench->flash.cut_at = at;
        resume_try_all(bench, WIRE_BEGIN_ANEW, 1 + bad);
        bench->flash.fail_times = 0;
        if (!bench->flash.dead || at >= RESUME_AT_RECORD)
          break; /* COMMIT is another test's matter */
        assert_true(resume_come_back(bench));
        resume_go_on(bench, 1 + bad);
      }
}

/* The seal fails and takes its sector with it, so that blocks in front of many others are missing;
 * power fails while they come again. */
static void behind_a_cut_around_a_seal_that_failed_it_goes_on(void **state)
{
  InstallBench *bench = *state;

  for (BenchCut cut = BENCH_CUT_BEFORE; cut <= BENCH_CUT_UNSEEN; cut++)
    for (unsigned at = RESUME_AT_SEAL; at < RESUME_AT_SEAL + 1 + RESUME_SECTOR; at++) {
      resume_prepare(bench, WIRE_BANK_LOW);
      bench->flash.fail_addr = bench->new.header.bank_addr;
      bench->flash.fail_times = 1;
      bench->flash.cut = cut;
      bench->flash.cut_at = at;
      resume_try_all(bench, WIRE_BEGIN_ANEW, 0);
      if (!bench->flash.dead)
        resume_send_missing(bench, 0, RESUME_BLOCKS, 0);
      bench->flash.fail_times = 0;
      assert_true(bench->flash.dead);
      assert_true(resume_come_back(bench));
      resume_go_on(bench, 0);
    }
}

/* The transfer begins once more, power fails in it, and comes back. False when it went to its end
 * or the new program starts: then there is nothing to go on with. */
static bool go_on_and_cut(InstallBench *bench, BenchCut cut, unsigned at, ResumeOrder order)
{
  bench->flash.cut = cut;
  bench->flash.cut_at = at;
  resume_try_all(bench, WIRE_BEGIN_KEEP, order);
  return bench->flash.dead && resume_come_back(bench);
}

/* Power fails, it goes on, power fails once more anywhere in that, and it goes on again. */
static void behind_two_cuts_in_a_row_it_goes_on(void **state)
{
  InstallBench *bench = *state;
  unsigned kept = 0, resumed = 0;

  for (BenchCut cut = BENCH_CUT_BEFORE; cut <= BENCH_CUT_UNSEEN; cut++)
    for (unsigned first = 1; first < RESUME_AT_RECORD; first += 6)
      for (unsigned second = 0;; second++) {
        resume_prepare(bench, WIRE_BANK_HIGH);
        bench->flash.cut = cut;
        bench->flash.cut_at = first;
        resume_try_all(bench, WIRE_BEGIN_ANEW, 1);
        assert_true(resume_come_back(bench));
        if (!go_on_and_cut(bench, cut, second, 2))
          break;
        kept += resume_go_on(bench, 3);
        install_prove_new(bench);
        resumed++;
      }
  assert_true(resumed > 5 * 9 * 20);
  assert_true(kept > 5 * 9 * 20 * RESUME_SECTOR / 2);
}

/* Anywhere in each, COMMIT too, also where a cut has changed nothing that could be seen. */
static void behind_unseen_cuts_in_two_resumes_in_a_row_it_goes_on(void **state)
{
  InstallBench *bench = *state;
  unsigned kept = 0, resumed = 0;

  for (WireBank running = WIRE_BANK_LOW; running <= WIRE_BANK_HIGH; running++)
    for (unsigned first = 0, more = 1; more; first++) {
      more = 0;
      for (unsigned second = 0;; second++, more = 1) {
        resume_interrupt(bench, running, running == WIRE_BANK_LOW ? RESUME_BLOCKS : 44);
        if (!go_on_and_cut(bench, BENCH_CUT_UNSEEN, first, first % 3) ||
            !go_on_and_cut(bench, BENCH_CUT_UNSEEN, second, second % 2))
          break;
        kept += resume_go_on(bench, 0);
        install_prove_new(bench);
        resumed++;
      }
    }
  assert_true(resumed > 2 * 35 * 35);
  assert_true(kept > 5 * resumed);
}

/* The same where the two are cut in different ways. */
static void behind_cuts_of_two_sorts_in_two_resumes_it_goes_on(void **state)
{
  InstallBench *bench = *state;
  unsigned resumed = 0;

  for (BenchCut cut = BENCH_CUT_BEFORE; cut <= BENCH_CUT_UNSEEN; cut++)
    for (BenchCut again = BENCH_CUT_BEFORE; again <= BENCH_CUT_UNSEEN; again++)
      for (unsigned first = 0; first < RESUME_AT_RECORD - RESUME_SECTOR;
           first += first < 4 ? 1 : 11)
        for (unsigned second = 0;; second += second < 4 ? 1 : 9) {
          resume_interrupt(bench, WIRE_BANK_LOW, 47);
          if (!go_on_and_cut(bench, cut, first, 1) || !go_on_and_cut(bench, again, second, 2))
            break;
          resume_go_on(bench, 3);
          install_prove_new(bench);
          resumed++;
        }
  assert_true(resumed > 25 * 6 * 6);
}

/* The bank is marked for this very image and half full when the wish to begin anew is cut: what the
 * erase leaves is not taken for what was sent. */
static void behind_a_cut_in_a_begin_anew_nothing_is_kept_that_was_being_erased(void **state)
{
  InstallBench *bench = *state;

  for (unsigned used = 1; used <= 6; used++)
    for (BenchCut cut = BENCH_CUT_BEFORE; cut <= BENCH_CUT_UNSEEN; cut++)
      for (unsigned at = 0; at < 5; at++) {
        resume_prepare_log(bench, WIRE_BANK_LOW, used);
        bench->flash.cut = BENCH_CUT_BEFORE;
        bench->flash.cut_at = RESUME_AT_BLOCKS + 50;
        resume_try_all(bench, WIRE_BEGIN_ANEW, 0);
        assert_true(resume_come_back(bench));
        bench->flash.cut = cut;
        bench->flash.cut_at = at;
        resume_try_all(bench, WIRE_BEGIN_ANEW, 0);
        assert_true(bench->flash.dead);
        assert_true(resume_come_back(bench));
        resume_go_on(bench, 0);
      }
}

/* Places of the log that hold random bytes, behind those that are used. */
typedef struct {
  unsigned used, torn;
  WireBeginMode mode;
  bool another; /* image */
} Marked;

/* The bank is marked and filled, and the loader is asked to begin as `marked` says. Returns whether
 * power failed at operation `at`. */
static bool begin_and_cut(InstallBench *bench, const Marked *marked, BenchCut cut, unsigned at)
{
  WireBegun begun;

  resume_interrupt(bench, WIRE_BANK_LOW, 50);
  resume_fill_log(bench, marked->used);
  if (marked->torn > 0)
    bench_flash_put_garbage(&bench->flash, marked->used, marked->used + marked->torn - 1, 3);
  if (marked->another) {
    bench->new.bytes[RESUME_LENGTH - 1] ^= 1;
    bench_image_seal(&bench->new);
  }
  install_start(bench);
  bench->flash.cut = cut;
  bench->flash.cut_at = at;
  resume_begin(bench, marked->mode, &begun);
  if (marked->another) { /* it is the first one that may be wrongly kept */
    bench->new.bytes[RESUME_LENGTH - 1] ^= 1;
    bench_image_seal(&bench->new);
  }
  return bench->flash.dead;
}

/* Cuts BEGIN at each of its operations; before an erase no record that is in force may carry a
 * mark. Returns the number of erases. */
static unsigned check_mark_is_voided(InstallBench *bench, const Marked *marked, BenchCut cut)
{
  unsigned erases = 0, kept;

  for (unsigned at = 0; begin_and_cut(bench, marked, cut, at); at++) {
    const BenchOperation *last = &bench->flash.operations[at];
    WireRecord record = bench_flash_get_record(&bench->flash);

    if (last->erase) {
      erases++;
      assert_int_equal(record.bank, WIRE_BANK_LOW);
      assert_int_equal(record.state, WIRE_RECORD_CONFIRMED);
      if (record.incoming != 0)
        fail_msg("%u places used, %u torn: an erase begins under a mark", marked->used,
                 marked->torn);
    }
    assert_true(resume_come_back(bench));
    kept = resume_go_on(bench, 0);
    assert_true(kept == 0 || erases == 0); /* nothing, once an erase has begun */
    install_prove_new(bench);
  }
  return erases;
}

static void
before_each_erase_of_a_begin_the_mark_is_voided_also_when_the_log_is_emptied(void **state)
{
  static const BenchCut cuts[] = {BENCH_CUT_BEFORE, BENCH_CUT_UNSEEN};
  InstallBench *bench = *state;
  unsigned emptied = 0;

  for (unsigned kind = 0; kind < 3 * 2; kind++)
    for (unsigned used = 3; used < WIRE_RECORD_COUNT; used++)
      for (unsigned torn = 0; torn < 2 && used + torn < WIRE_RECORD_COUNT; torn++) {
        Marked marked = {used, torn, kind % 3 == 0 ? WIRE_BEGIN_ANEW : WIRE_BEGIN_KEEP,
                         kind % 3 == 2};
        unsigned room = kind % 3 == 1 ? FW_RECORD_ROOM_AGAIN : FW_RECORD_ROOM;
        bool is_sound = torn == 0 && used + room <= WIRE_RECORD_COUNT;

        assert_int_equal(check_mark_is_voided(bench, &marked, cuts[kind / 3]), is_sound ? 1 : 2);
        emptied += !is_sound;
      }
  assert_true(emptied > 6 * 15);
}

/* There is no place left to void it: then it is the log that is not sound, however often the erase
 * is cut. */
static void a_mark_in_a_full_log_keeps_nothing(void **state)
{
  InstallBench *bench = *state;

  for (unsigned torn = 0; torn < WIRE_RECORD_COUNT - 3; torn++)
    for (BenchCut cut = BENCH_CUT_BEFORE; cut <= BENCH_CUT_UNSEEN; cut++) {
      Marked marked = {WIRE_RECORD_COUNT - torn, torn, WIRE_BEGIN_ANEW, false};

      assert_true(begin_and_cut(bench, &marked, cut, 0));
      assert_true(bench->flash.operations[0].erase);
      assert_true(resume_come_back(bench));
      assert_true(go_on_and_cut(bench, cut, 0, 0));
      assert_int_equal(resume_go_on(bench, 0), 0);
      install_prove_new(bench);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, install_set_up, install_tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(behind_a_cut_at_and_inside_each_operation_of_a_transfer_it_goes_on),
      TEST(behind_a_cut_inside_commit_it_goes_on_or_the_new_program_starts),
      TEST(behind_a_cut_around_a_sector_that_was_erased_anew_it_goes_on),
      TEST(behind_a_cut_around_a_seal_that_failed_it_goes_on),
      TEST(behind_two_cuts_in_a_row_it_goes_on),
      TEST(behind_unseen_cuts_in_two_resumes_in_a_row_it_goes_on),
      TEST(behind_cuts_of_two_sorts_in_two_resumes_it_goes_on),
      TEST(behind_a_cut_in_a_begin_anew_nothing_is_kept_that_was_being_erased),
      TEST(before_each_erase_of_a_begin_the_mark_is_voided_also_when_the_log_is_emptied),
      TEST(a_mark_in_a_full_log_keeps_nothing),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
