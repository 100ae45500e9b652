/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * One upgrade of the modelled chip, in virtual time, and where its time went: a line of JSON. The
 * ARM images are those of the build; an erase takes 400 ms, a block 1 ms. The script `upgrade`
 * beside this file runs it for each case and makes the tables.
 *
 *   upgrade-bench --image FILE [--over FILE] [--baud N] [--packed] [--latency-ms N]
 *                 [--errors RATE] [--seed N] [--cut link|power]
 */

#include "rig.h"

#include "sy-dictionary.h"
#include "sy-transfer.h"

#include <glib/gstdio.h>
#include <stdlib.h>

enum { SETTLE_MS = 1500, CRYSTAL_KHZ = 11059 };

static char *image, *over, *cut;
static int baud = WIRE_RATE_DEFAULT, latency_ms, seed = 1;
static double errors;
static gboolean packed;

static const GOptionEntry options[] = {
    {"image", 0, 0, G_OPTION_ARG_FILENAME, &image, "Release that is sent", "FILE"},
    {"over", 0, 0, G_OPTION_ARG_FILENAME, &over, "Release that runs and is known", "FILE"},
    {"baud", 0, 0, G_OPTION_ARG_INT, &baud, "Highest rate", "N"},
    {"packed", 0, 0, G_OPTION_ARG_NONE, &packed, "Pack what is sent", NULL},
    {"latency-ms", 0, 0, G_OPTION_ARG_INT, &latency_ms, "Of the line, each way", "N"},
    {"errors", 0, 0, G_OPTION_ARG_DOUBLE, &errors, "Bit error rate of the line", "RATE"},
    {"seed", 0, 0, G_OPTION_ARG_INT, &seed, "Of the errors", "N"},
    {"cut", 0, 0, G_OPTION_ARG_STRING, &cut, "Half-way, and measure the second try", "link|power"},
    G_OPTION_ENTRY_NULL,
};

/* T, each moment of it counted once: to the wire while it carries something to the substation, else
 * to what the substation does. */
typedef struct {
  uint64_t handover_us; /* from the command to the loader, rates, and starting the new program */
  uint64_t wire_us;
  uint64_t erase_us;
  uint64_t program_us;
  uint64_t compute_us; /* checking frames, unpacking, reading back, the CRC of the commit */
  uint64_t rest_us;    /* nobody does anything: turn-round */
} Shares;

static uint64_t *find_share(Rig *rig, Shares *shares)
{
  SyPhase phase = rig->session.progress.phase;
  bool flash_is_busy = rig->cut.begun > rig->cut.done;

  if (phase < SY_PHASE_ENTER || phase > SY_PHASE_START)
    return NULL;
  if (phase == SY_PHASE_ENTER || phase == SY_PHASE_RATE || phase == SY_PHASE_START)
    return &shares->handover_us;
  if (sim_chip_line_get_queued(rig_chip(rig)) > 0)
    return &shares->wire_us;
  if (flash_is_busy)
    return rig->cut.erase ? &shares->erase_us : &shares->program_us;
  return sim_chip_is_idle(rig_chip(rig)) ? &shares->rest_us : &shares->compute_us;
}

static void start(Rig *rig, SyRelease *release, SyDictionary *dictionary)
{
  SyUpload halves[2];

  sy_transfer_get_uploads(release, halves);
  rig_start_fast_upgrade(rig, halves, (uint32_t)baud,
                         packed ? sy_dictionary_get_packing(dictionary) : NULL);
}

static void run_measured(Rig *rig, Shares *shares)
{
  uint64_t then_us = rig_now_us(rig);

  rig->cut.begun = rig->cut.done = 0;
  while (!sy_session_is_finished(&rig->session)) {
    rig_turn(rig);

    uint64_t now_us = rig_now_us(rig);
    uint64_t *share = find_share(rig, shares);

    if (share)
      *share += now_us - then_us;
    then_us = now_us;
  }
}

/* A first upgrade that does not come to its end. False when nothing stopped it. */
static gboolean run_until_cut(Rig *rig, SyRelease *release, SyDictionary *dictionary)
{
  unsigned blocks = rig_count_blocks(release, WIRE_BANK_HIGH);
  gboolean by_power = g_str_equal(cut, "power");
  gboolean happened;

  if (by_power)
    rig_add_fault(rig, SIM_FAULT_POWER_CUT_BLOCK, blocks / 2);
  else
    rig->stop_after = blocks / 2 / WIRE_DATA_BLOCKS_MAX;
  start(rig, release, dictionary);
  rig_finish(rig);
  happened = by_power ? sim_substation_count_fired(rig->substation, SIM_FAULT_POWER_CUT_BLOCK) == 1
                      : rig->stopped;
  rig->stop_after = 0;
  rig_run_ms(rig, SETTLE_MS);
  return happened;
}

static void print_loader(const WireLife *loader)
{
  const uint32_t *fields = loader->fields;
  double bytes = MAX(fields[WIRE_LIFE_BYTES], 1);

  g_print("\"overruns\": %u, \"erase_ms\": %.1f, \"program_ms\": %.1f, \"uart_clocks\": %.1f",
          fields[WIRE_LIFE_OVERRUNS], (double)fields[WIRE_LIFE_ERASE_CLOCKS] / CRYSTAL_KHZ,
          (double)fields[WIRE_LIFE_PROGRAM_CLOCKS] / CRYSTAL_KHZ,
          fields[WIRE_LIFE_UART_CLOCKS] / bytes);
}

static void print_result(Rig *rig, const Shares *shares, SyDictionary *dictionary)
{
  const SyResult *result = &rig->session.result;
  const SyLife *life = &result->life;
  uint64_t t_us = 0;

  for (SyPhase phase = SY_PHASE_ENTER; phase <= SY_PHASE_START; phase++)
    t_us += life->phases_us[phase];
  g_print("{\"outcome\": %d, \"reason\": %d, \"reports\": %u, \"t_ms\": %.1f, \"baud\": %u, ",
          result->outcome, result->reason, rig->reports, (double)t_us / 1e3, life->baud);
  g_print("\"image_bytes\": %u, \"frame_bytes\": %u, \"blocks_packed\": %u, \"blocks_kept\": %u, ",
          rig->session.upload.length, life->frame_bytes, life->blocks_packed, life->blocks_kept);
  g_print("\"retries\": %u, \"pack_ms\": %.1f, \"turned\": %u, ", result->counts.retries,
          (double)sy_dictionary_get_time_us(dictionary) / 1e3,
          rig->relay ? rig->relay->ways[RELAY_TO_DEVICE].counts[RELAY_BIT] +
                           rig->relay->ways[RELAY_TO_HOST].counts[RELAY_BIT]
                     : 0);
  g_print("\"shares_ms\": {\"wire\": %.1f, \"erase\": %.1f, \"program\": %.1f, "
          "\"compute\": %.1f, \"handover\": %.1f, \"rest\": %.1f}, ",
          (double)shares->wire_us / 1e3, (double)shares->erase_us / 1e3,
          (double)shares->program_us / 1e3, (double)shares->compute_us / 1e3,
          (double)shares->handover_us / 1e3, (double)shares->rest_us / 1e3);
  print_loader(&life->loader);
  g_print("}\n");
}

static int measure(SyLibrary *library)
{
  g_autoptr(SyDictionary) dictionary = sy_dictionary_new(library);
  g_autoptr(SyRelease) release = rig_load_release(image);
  Rig *rig = rig_new_with_slow_erase();
  Shares shares = {0};
  gboolean prepared = TRUE;

  if (over) {
    g_autoptr(SyRelease) running = rig_load_release(over);

    rig_upgrade(rig, running);
    prepared = rig->session.result.outcome == SY_OUTCOME_DONE;
    sy_library_add_release(library, running);
    rig_run_ms(rig, SETTLE_MS);
  }
  if (cut)
    prepared = prepared && run_until_cut(rig, release, dictionary);
  if (latency_ms > 0 || errors > 0)
    rig_set_line(rig, (uint64_t)latency_ms * 1000, errors, (uint32_t)seed);
  start(rig, release, dictionary);
  run_measured(rig, &shares);
  print_result(rig, &shares, dictionary);
  rig_free(rig);
  if (!prepared)
    g_printerr("upgrade-bench: what had to be there before did not come about\n");
  return prepared ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* The library's folder, which has files and no folders in it. */
static void remove_folder(const char *folder)
{
  g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);

  for (const char *name; dir && (name = g_dir_read_name(dir));) {
    g_autofree char *path = g_build_filename(folder, name, NULL);

    g_remove(path);
  }
  g_rmdir(folder);
}

int main(int argc, char **argv)
{
  g_autoptr(GOptionContext) context = g_option_context_new(NULL);
  g_autoptr(GError) error = NULL;
  g_autofree char *folder = NULL;
  g_autoptr(SyLibrary) library = NULL;
  int status;

  g_option_context_add_main_entries(context, options, NULL);
  if (!g_option_context_parse(context, &argc, &argv, &error) || !image) {
    g_printerr("upgrade-bench: %s\n", error ? error->message : "which image?");
    return EXIT_FAILURE;
  }
  folder = g_dir_make_tmp("upgrade-bench-XXXXXX", &error);
  if (!folder) {
    g_printerr("upgrade-bench: %s\n", error->message);
    return EXIT_FAILURE;
  }
  library = sy_library_new(folder);
  status = measure(library);
  remove_folder(folder);
  return status;
}
