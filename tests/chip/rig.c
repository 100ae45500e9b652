/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The rig. */

#include "rig.h"

#include "sy-hex.h"
#include "sy-transfer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

enum { SLICE_US = 100, JOB_LIMIT_MS = 100 * 1000, REPORTS_SHOWN = 5, BAUD_MAX = 691200 };

static char *firmware_path(const char *name)
{
  const char *folder = g_getenv("SWITCHYARD_FIRMWARE_DIR");

  assert_non_null(folder);
  if (strchr(name, '/'))
    return g_strdup(name);
  return g_build_filename(folder, name, NULL);
}

SyRelease *rig_load_release(const char *name)
{
  g_autofree char *path = firmware_path(name);
  g_autoptr(GFile) file = g_file_new_for_path(path);
  g_autoptr(GError) error = NULL;
  SyRelease *release = sy_release_load(file, NULL, &error);

  assert_null(error);
  return release;
}

unsigned rig_count_blocks(SyRelease *release, WireBank bank)
{
  return wire_block_count(sy_release_get_program(release, bank)->length);
}

static void count_report(void *context, const SimReport *report)
{
  Rig *rig = context;

  /* What tests bring about on purpose is not worth a line. */
  bool shown = report->kind != SIM_REPORT_WATCHDOG_RESET && report->kind != SIM_REPORT_UART_OVERRUN;

  if (++rig->reports <= REPORTS_SHOWN && shown)
    print_message("# firmware: %s pc %08x value %08x\n", sim_report_name(report->kind), report->pc,
                  report->value);
}

static SimFlashFate decide_flash(void *context, const SimFlashOperation *operation, uint8_t *depth)
{
  Rig *rig = context;
  RigCut *cut = &rig->cut;

  cut->erase = operation->kind == SIM_FLASH_ERASE;
  cut->addr = operation->addr;
  cut->begun_at = sim_chip_get_instructions(sim_substation_get_chip(rig->substation));
  if (!cut->erase)
    rig->programs[cut->addr / WIRE_BLOCK_SIZE]++;
  if (++cut->begun != cut->at)
    return SIM_FLASH_GOES_WELL;
  cut->fired = true;
  *depth = cut->depth;
  return cut->fate;
}

static void note_flash_done(void *context, const SimFlashOperation *operation)
{
  Rig *rig = context;

  (void)operation;
  rig->cut.done++;
  rig->cut.done_at = sim_chip_get_instructions(sim_substation_get_chip(rig->substation));
}

/* `length` bytes of the image are in flash from the start. */
static Rig *make_rig_with(const char *name, SimSubstationConfig *config, uint32_t length)
{
  Rig *rig = g_new0(Rig, 1);
  g_autoptr(SyRelease) factory = rig_load_release(name);

  config->chip.hooks = (SimChipHooks){
      .context = rig,
      .report = count_report,
      .flash_operation = decide_flash,
      .flash_done = note_flash_done,
  };
  rig->substation = sim_substation_new(config);
  wire_decoder_init(&rig->monitor);
  sy_session_init(&rig->session, 1);
  rig->baud = WIRE_RATE_DEFAULT;

  SimChip *chip = sim_substation_get_chip(rig->substation);

  sy_image_copy(sy_release_get_image(factory), 0, length, 0xff, sim_chip_flash(chip));
  sim_chip_flash_loaded(chip);
  sim_chip_power_on(chip);
  rig_run_ms(rig, 200);
  return rig;
}

static Rig *make_rig(const char *name, SimSubstationConfig *config)
{
  return make_rig_with(name, config, WIRE_FLASH_SIZE);
}

Rig *rig_new(void)
{
  return rig_new_with_cut_depth(128);
}

Rig *rig_new_with_cut_depth(uint8_t cut_depth)
{
  SimSubstationConfig config;

  sim_substation_config_init(&config);
  config.cut_depth = cut_depth;
  return make_rig("factory.hex", &config);
}

Rig *rig_new_with_slow_erase(void)
{
  SimSubstationConfig config;

  sim_substation_config_init(&config);
  config.chip.erase_ms = 400;
  return make_rig("factory.hex", &config);
}

void rig_add_fault(Rig *rig, SimFaultKind kind, unsigned n)
{
  SimChip *chip = sim_substation_get_chip(rig->substation);
  bool erase = kind == SIM_FAULT_BAD_ERASE || kind == SIM_FAULT_REFUSE_ERASE ||
               kind == SIM_FAULT_POWER_CUT_ERASE;
  unsigned done = sim_chip_count_operations(chip, erase ? SIM_FLASH_ERASE : SIM_FLASH_PROGRAM);

  assert_true(sim_substation_add_fault(rig->substation, kind, done + n));
}

Rig *rig_new_with_factory(const char *name)
{
  SimSubstationConfig config;

  sim_substation_config_init(&config);
  config.power_back_ms = 1;
  return make_rig(name, &config);
}

Rig *rig_new_blank(const char *name)
{
  SimSubstationConfig config;

  sim_substation_config_init(&config);
  config.power_back_ms = 1;
  return make_rig_with(name, &config, WIRE_LOW_ADDR);
}

void rig_free(Rig *rig)
{
  sim_substation_free(rig->substation);
  relay_free(rig->relay);
  g_free(rig);
}

void rig_copy(Rig *to, const Rig *from)
{
  SimSubstation *own = to->substation;

  sim_substation_copy(own, from->substation);
  assert_true(!from->relay && !to->relay); /* which are not copied */
  *to = *from;
  to->substation = own;
  if (from->session.packing == &from->packing.packing)
    to->session.packing = rig_packing_set_up(&to->packing, rig_chip(to));
}

SimChip *rig_chip(Rig *rig)
{
  return sim_substation_get_chip(rig->substation);
}

uint64_t rig_count_instructions(Rig *rig)
{
  return sim_chip_get_instructions(rig_chip(rig));
}

uint64_t rig_now_us(Rig *rig)
{
  SimChip *chip = rig_chip(rig);

  return sim_chip_us_from_cycles(chip, sim_chip_get_cycle(chip));
}

/* What the monitor hears, noted. */
static void listen(Rig *rig, const uint8_t *bytes, size_t length)
{
  size_t taken = 0;
  WireFrame frame;

  while (taken < length) {
    taken += wire_decoder_push(&rig->monitor, bytes + taken, length - taken);
    while (wire_decoder_next(&rig->monitor, &frame)) {
      if (frame.type == WIRE_ANNOUNCE && wire_identity_read(&frame, &rig->announced))
        rig->announcements++;
      rig->heard[frame.type]++;
      rig->readings += frame.type == WIRE_READING;
      rig->naks += frame.type == WIRE_NAK && wire_nak_read(&frame, &rig->nak);
      if (frame.type == WIRE_LEAVING && wire_leaving_read(&frame, &rig->leaving)) {
        rig->leavings++;
        rig->leaving_us = rig_now_us(rig);
      }
    }
  }
}

static bool is_garbled(const Rig *rig)
{
  return rig->baud == rig->garbled_baud && rig->garbled_baud != 0 &&
         rig->data_frames >= rig->garbled_from;
}

/* Every so many bytes, so that no frame comes through but by luck. */
static void garble(uint8_t *bytes, size_t length)
{
  enum { EVERY = 12 };

  for (size_t i = 0; i < length; i += EVERY)
    bytes[i] ^= 0x24;
}

static size_t take_from_relay(Rig *rig, RelayWay way, uint8_t *bytes, size_t room)
{
  uint32_t baud; /* the chip's own matters */

  return relay_pop(rig->relay, way, bytes, room, &baud, rig_now_us(rig));
}

/* What reaches the workstation by now. */
static size_t receive(Rig *rig, uint8_t *bytes, size_t room)
{
  size_t length = sim_substation_receive(rig->substation, bytes, room);

  if (is_garbled(rig))
    garble(bytes, length);
  if (!rig->relay)
    return length;
  if (length > 0)
    relay_push(rig->relay, RELAY_TO_HOST, bytes, length, rig->baud, rig_now_us(rig));
  return take_from_relay(rig, RELAY_TO_HOST, bytes, room);
}

void rig_set_baud(Rig *rig, uint32_t baud)
{
  rig->baud = baud;
  sim_chip_line_set_baud(rig_chip(rig), baud);
}

static void note_events(Rig *rig)
{
  SyEvent event;

  while (sy_session_next_event(&rig->session, &event))
    rig->rates_failed += event.kind == SY_EVENT_RATE_FAILED;
}

static void run_until(Rig *rig, uint64_t cycle)
{
  SimChip *chip = rig_chip(rig);

  while (rig->stepped && sim_chip_is_powered(chip) && sim_chip_get_cycle(chip) < cycle) {
    sim_chip_step(chip);
    rig->stepped(rig->stepped_context, rig);
  }
  sim_substation_run_until(rig->substation, cycle);
}

/* One slice of virtual time: the line and the substation, and the session if one runs. */
static void slice(Rig *rig)
{
  SimChip *chip = sim_substation_get_chip(rig->substation);
  uint8_t bytes[512];
  size_t length;

  if (rig->stopped && rig->baud != WIRE_RATE_DEFAULT && sim_chip_line_get_queued(chip) == 0)
    rig_set_baud(rig, WIRE_RATE_DEFAULT); /* where the next one begins */

  run_until(rig, sim_chip_get_cycle(chip) + sim_chip_cycles_from_us(chip, SLICE_US));
  while (rig->relay && (length = take_from_relay(rig, RELAY_TO_DEVICE, bytes, sizeof bytes)) > 0)
    sim_substation_send(rig->substation, bytes, length);
  while ((length = receive(rig, bytes, sizeof bytes)) > 0) {
    size_t fed = 0;

    listen(rig, bytes, length);
    while (fed < length) {
      fed += sy_session_feed(&rig->session, bytes + fed, length - fed, rig_now_us(rig));
      note_events(rig);
    }
  }
  sy_session_tick(&rig->session, rig_now_us(rig));
  note_events(rig);
}

/* As sy_transfer_run does. */
static void follow_rate(Rig *rig)
{
  uint32_t wanted = sy_session_get_rate(&rig->session);

  if (wanted == rig->baud || sim_chip_line_get_queued(rig_chip(rig)) > 0 ||
      (rig->relay && !relay_is_empty(rig->relay, RELAY_TO_DEVICE)))
    return;
  rig_set_baud(rig, wanted == rig->misread_baud ? wanted / 10 * 9 : wanted);
  sy_session_rate_set(&rig->session, rig->baud, rig_now_us(rig));
}

static void send_frame(Rig *rig, const uint8_t *frame, size_t length)
{
  uint8_t bytes[WIRE_FRAME_MAX];

  memcpy(bytes, frame, length);
  if (is_garbled(rig)) {
    garble(bytes, length);
    rig->garbled++;
  }
  if (rig->relay)
    relay_push(rig->relay, RELAY_TO_DEVICE, bytes, length, rig->baud, rig_now_us(rig));
  else
    sim_substation_send(rig->substation, bytes, length);
}

void rig_pump(Rig *rig)
{
  size_t length;
  const uint8_t *bytes;

  follow_rate(rig);
  if (rig->one_block)
    rig->session.stream.clean = 0;
  bytes = sy_session_peek_output(&rig->session, &length);
  if (length == 0 || rig->stopped)
    return;
  if (bytes[WIRE_FRAME_TYPE_OFFSET] == WIRE_DATA) {
    if (rig->stop_after != 0 && rig->data_frames == rig->stop_after) {
      rig->stopped = true;
      return;
    }
    rig->data_frames++;
  }
  send_frame(rig, bytes, length);
  sy_session_sent(&rig->session, length, rig_now_us(rig));
}

void rig_run_ms(Rig *rig, unsigned ms)
{
  for (unsigned i = 0; i < ms * 1000 / SLICE_US; i++)
    slice(rig);
}

void rig_turn(Rig *rig)
{
  rig_pump(rig);
  slice(rig);
}

static void run_session(Rig *rig)
{
  uint64_t limit_us = rig_now_us(rig) + JOB_LIMIT_MS * 1000ull;

  while (!sy_session_is_finished(&rig->session) && !rig->stopped) {
    rig_turn(rig);
    assert_true(rig_now_us(rig) < limit_us);
  }
}

static void init_session(Rig *rig)
{
  static uint8_t token;

  token = token % UINT8_MAX + 1;
  rig_set_baud(rig, WIRE_RATE_DEFAULT);
  sy_session_init(&rig->session, token);
  rig->data_frames = 0;
  rig->stopped = false;
}

void rig_start_upgrade(Rig *rig, const SyUpload halves[2])
{
  init_session(rig);
  if (!rig->plain) {
    sy_session_allow_rates(&rig->session, BAUD_MAX);
    sy_session_allow_packing(&rig->session, rig_packing_set_up(&rig->packing, rig_chip(rig)));
  }
  sy_session_start_upgrade(&rig->session, halves, rig_now_us(rig));
}

void rig_start_fast_upgrade(Rig *rig, const SyUpload halves[2], uint32_t baud_max,
                            const SyPacking *packing)
{
  init_session(rig);
  sy_session_allow_rates(&rig->session, baud_max);
  sy_session_allow_packing(&rig->session, packing);
  sy_session_start_upgrade(&rig->session, halves, rig_now_us(rig));
}

void rig_finish(Rig *rig)
{
  run_session(rig);
}

void rig_set_path(Rig *rig, const RelayPath *path, uint32_t seed)
{
  if (!rig->relay)
    rig->relay = relay_new();
  relay_set_path(rig->relay, path, seed, rig_now_us(rig));
}

void rig_set_line(Rig *rig, uint64_t latency_us, double bit_error_rate, uint32_t seed)
{
  const RelayPath path = {.latency_us = (unsigned)latency_us, .bit_errors = bit_error_rate};

  rig_set_path(rig, &path, seed);
}

void rig_hang_up(Rig *rig)
{
  rig->stopped = true;
  sim_chip_line_drop(rig_chip(rig));
  rig_set_baud(rig, WIRE_RATE_DEFAULT);
}

void rig_upgrade(Rig *rig, SyRelease *release)
{
  SyUpload halves[2];

  sy_transfer_get_uploads(release, halves);
  rig_start_upgrade(rig, halves);
  run_session(rig);
}

void rig_go_back(Rig *rig)
{
  init_session(rig);
  sy_session_start_go_back(&rig->session, rig_now_us(rig));
  run_session(rig);
}

void rig_start_read(Rig *rig, const uint8_t wanted[SY_READ_MAP_SIZE], uint8_t *flash,
                    uint32_t baud_max)
{
  init_session(rig);
  sy_session_allow_rates(&rig->session, baud_max);
  sy_session_start_read(&rig->session, wanted, flash, rig_now_us(rig));
}

void rig_send(Rig *rig, uint8_t type, const uint8_t *payload, uint16_t length)
{
  uint8_t bytes[WIRE_FRAME_MAX];
  WireFrame frame = {.type = type, .token = 1, .seq = 1, .length = length, .payload = payload};

  sim_substation_send(rig->substation, bytes, wire_frame_write(&frame, bytes));
}

bool rig_confirm(Rig *rig)
{
  const WireIdentity *identity = &rig->announced;
  WireConfirm confirm = {.crc = identity->banks[identity->running_bank == WIRE_BANK_HIGH].crc};
  uint8_t payload[WIRE_CONFIRM_LENGTH];

  rig_send(rig, WIRE_CONFIRM, payload, (uint16_t)wire_confirm_write(&confirm, payload));
  rig_run_ms(rig, 50);
  return rig_identify(rig).trial == WIRE_TRIAL_CONFIRMED;
}

WireIdentity rig_identify(Rig *rig)
{
  init_session(rig);
  sy_session_start_identify(&rig->session, rig_now_us(rig));
  run_session(rig);
  assert_int_equal(rig->session.result.outcome, SY_OUTCOME_DONE);
  return rig->session.result.identity;
}

void rig_move_to_high(Rig *rig)
{
  g_autoptr(SyRelease) release = rig_load_release("release.hex");

  rig_upgrade(rig, release);
  assert_int_equal(rig->session.result.outcome, SY_OUTCOME_DONE);
  assert_int_equal(rig->session.result.identity.running_bank, WIRE_BANK_HIGH);
}

void rig_assert_bank_holds(Rig *rig, SyRelease *release, WireBank bank)
{
  const SyProgram *program = sy_release_get_program(release, bank);

  assert_non_null(program);
  assert_memory_equal(sim_chip_flash(sim_substation_get_chip(rig->substation)) + program->addr,
                      g_bytes_get_data(program->bytes, NULL), program->length);
}
