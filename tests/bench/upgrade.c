/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rig.h"
#include "sy-transfer.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
  const char *name = argv[1];
  uint32_t baud = (uint32_t)atoi(argv[2]);
  bool packing = atoi(argv[3]);
  uint64_t latency = (uint64_t)atoi(argv[4]);
  double ber = atof(argv[5]);
  uint32_t seed = argc > 6 ? (uint32_t)atoi(argv[6]) : 1;
  const char *running = argc > 7 ? argv[7] : NULL;
  const char *keep = g_dir_make_tmp(NULL, NULL);
  g_autoptr(SyLibrary) library = sy_library_new(keep);
  g_autoptr(SyDictionary) dictionary = sy_dictionary_new(library);
  Rig *rig = rig_new_with_slow_erase();
  g_autoptr(SyRelease) release = rig_load_release(name);
  SyUpload halves[2];
  if (running) {
    g_autoptr(SyRelease) first = rig_load_release(running);
    rig_upgrade(rig, first);
    printf("first: outcome %d\n", rig->session.result.outcome);
    if (strcmp(running, "x"))
      sy_library_add_release(library, first);
    rig_run_ms(rig, 1500);
  }
  if (latency || ber > 0)
    rig_set_line(rig, latency * 1000, ber, seed);
  sy_transfer_get_uploads(release, halves);
  rig_start_fast_upgrade(rig, halves, baud, packing ? sy_dictionary_get_packing(dictionary) : NULL);
  rig_finish(rig);
  SyResult *r = &rig->session.result;
  SyLife *l = &r->life;
  double t = 0;
  for (SyPhase p = SY_PHASE_ENTER; p <= SY_PHASE_START; p++) {
    t += l->phases_us[p];
    printf("phase %d %.1f ms\n", p, l->phases_us[p] / 1e3);
  }
  printf("outcome %d reason %d nak %d T %.3f s  T/W %.4f frames %u bytes %u blocks %u packed %u "
         "kept %u retries %u timeouts %u bad %u naks %u wait %llu\n",
         r->outcome, r->reason, r->nak.cause, t / 1e6, t / 4.266667e6, l->frames, l->frame_bytes,
         l->blocks_sent, l->blocks_packed, l->blocks_kept, r->counts.retries, r->counts.timeouts,
         r->counts.bad_frames, r->counts.naks, (unsigned long long)l->wait_us);
  const char *names[] = {"uart",  "uartn",  "tick",    "tickn", "bytes", "overr",
                         "frame", "handle", "program", "erase", "blocks"};
  for (int i = 0; i < WIRE_LIFE_COUNT; i++)
    printf("%s=%u ", names[i], l->loader.fields[i]);
  printf("\nboots %u reports %u know %d\n", r->identity.boots, rig->reports,
         sy_dictionary_knows_running(dictionary));
  return 0;
}
