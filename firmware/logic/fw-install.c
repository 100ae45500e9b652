/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The loader's side of an upgrade. */

#include "fw-install.h"

#include "fw-handover.h"
#include "fw-reply.h"
#include "wire-bytes.h"

static bool is_verified(const FwInstall *install, uint32_t block)
{
  return install->verified[block / 8] >> block % 8 & 1;
}

static void set_verified(FwInstall *install, uint32_t block, bool verified)
{
  uint8_t bit = (uint8_t)(1 << block % 8);

  if (verified)
    install->verified[block / 8] |= bit;
  else
    install->verified[block / 8] &= (uint8_t)~bit;
}

static uint16_t first_missing(const FwInstall *install)
{
  uint16_t block = 0;

  while (block < install->begin.blocks && is_verified(install, block))
    block++;
  return block;
}

static const WireBankMap *target(const FwInstall *install)
{
  return wire_bank_map((WireBank)install->begin.bank);
}

/* The program that sent us here runs again when we leave, so it is the one to keep; what the log
 * would start may be another, if a worn log could not take the record of a trial's end. */
static WireBank find_running(const uint8_t *memory, uint32_t choice, WireBank came_from)
{
  FwEntry entry = fw_entry_read(choice);

  if (wire_bank_map(came_from) && fw_boot_judge(memory, came_from) == WIRE_BANK_VALID)
    return came_from;
  return entry.kind == FW_ENTRY_NO_PROGRAM ? WIRE_BANK_NONE : (WireBank)entry.bank;
}

void fw_install_init(FwInstall *install, const FwFlash *flash, const FwSelf *self,
                     WireBank came_from, uint32_t now_ms)
{
  uint32_t choice = fw_boot_choose(flash->memory);
  WireBank running = find_running(flash->memory, choice, came_from);

  install->flash = flash;
  install->state = FW_INSTALL_IDLE;
  install->leaving = 0;
  install->rubbish = false;
  install->last_ms = now_ms;
  fw_identity_fill(&install->identity, self, flash->memory, running);

  bool listens = choice == fw_entry_make(FW_ENTRY_LISTEN, running, 0);

  install->on_trial = install->identity.trial == WIRE_TRIAL_RUNNING && !listens;
  install->proven = running == came_from || !listens;
}

WireBank fw_install_get_running(const FwInstall *install)
{
  return (WireBank)install->identity.running_bank;
}

/* A record of the program that is being installed. */
static bool append_record(FwInstall *install, WireRecordState state)
{
  const WireBegin *begin = &install->begin;
  WireRecord record = {
      .bank = (WireBank)begin->bank, .state = state, .version = begin->version, .crc = begin->crc};
  bool stands = fw_record_append(install->flash, &record, install->scratch);

  install->record_sequence = record.sequence;
  return stands;
}

static bool record_running(FwInstall *install)
{
  WireRecord record =
      fw_record_of_bank(install->flash->memory, fw_install_get_running(install),
                        install->proven ? WIRE_RECORD_CONFIRMED : WIRE_RECORD_FIRST);

  return fw_record_append(install->flash, &record, install->scratch);
}

/* Erases the idle bank, and before that makes the log say in a fresh record that the running
 * program has settled: from here on nothing older must matter, not even a record that was torn and
 * still reads right.
 *
 * A log that is not sound is emptied, but only behind the idle bank: then the running program is
 * the only one there is and no record is needed to find it. With no program that could be started
 * there is nothing to keep, and both banks are emptied first: an empty log must not make the jump
 * program start what used up its trial. */
static WireCause erase_target(FwInstall *install, uint32_t *status)
{
  const FwFlash *flash = install->flash;
  WireBank running = fw_install_get_running(install);
  bool keeps = running != WIRE_BANK_NONE;
  bool sound = keeps &&
               fw_record_is_log_sound(flash->memory, running,
                                      install->identity.banks[running - WIRE_BANK_LOW].crc) &&
               record_running(install);
  unsigned first =
      keeps ? target(install)->first_sector : wire_bank_map(WIRE_BANK_LOW)->first_sector;
  unsigned last = keeps ? target(install)->last_sector : wire_bank_map(WIRE_BANK_HIGH)->last_sector;

  *status = flash->erase(flash->context, first, last);
  if (*status == 0 && !sound)
    *status = flash->erase(flash->context, WIRE_RECORD_SECTOR, WIRE_RECORD_SECTOR);
  if (*status != 0)
    return WIRE_CAUSE_ERASE_FAILED;
  if (!sound && keeps && !record_running(install))
    return WIRE_CAUSE_RECORD_FAILED;
  return WIRE_CAUSE_NONE;
}

static WireCause judge_begin(const FwInstall *install, const WireBegin *begin, uint32_t *detail)
{
  WireBank running = fw_install_get_running(install);
  WireBank bank = (WireBank)begin->bank;
  const WireBankMap *map = wire_bank_map(bank);

  if (begin->product != install->identity.product) {
    *detail = install->identity.product;
    return WIRE_CAUSE_WRONG_PRODUCT;
  }
  if (install->on_trial || install->state == FW_INSTALL_COMMITTED)
    return WIRE_CAUSE_ON_TRIAL; /* the other program is what it goes back to */
  if (!map || (running != WIRE_BANK_NONE && bank != wire_bank_other(running))) {
    *detail = (uint32_t)wire_bank_other(running);
    return WIRE_CAUSE_WRONG_BANK;
  }
  if (begin->length < WIRE_IMAGE_LENGTH_MIN || begin->length > map->size ||
      begin->blocks != wire_block_count(begin->length)) {
    *detail = map->size;
    return WIRE_CAUSE_WRONG_SIZE;
  }
  if (begin->encoding != WIRE_ENCODING_RAW) {
    *detail = begin->encoding;
    return WIRE_CAUSE_BAD_ENCODING;
  }
  return WIRE_CAUSE_NONE;
}

static bool is_same_begin(const WireBegin *a, const WireBegin *b)
{
  return a->bank == b->bank && a->encoding == b->encoding && a->blocks == b->blocks &&
         a->product == b->product && a->version == b->version && a->length == b->length &&
         a->crc == b->crc;
}

/* The idle bank is about to go: whatever it held, it holds no program from here on. */
static void forget_target(FwInstall *install)
{
  install->identity.banks[install->begin.bank - WIRE_BANK_LOW] =
      (WireBankIdentity){.state = WIRE_BANK_EMPTY};
  if (fw_install_get_running(install) == WIRE_BANK_NONE)
    install->identity.banks[wire_bank_other((WireBank)install->begin.bank) - WIRE_BANK_LOW] =
        (WireBankIdentity){.state = WIRE_BANK_EMPTY};
  install->identity.trial = WIRE_TRIAL_NONE;
  install->identity.trial_starts = 0;
  install->identity.trial_cause = WIRE_TRIAL_CAUSE_NONE;
}

static size_t reply_begun(const FwInstall *install, const WireFrame *request, uint8_t *reply)
{
  WireBegun begun = {
      .bank = install->begin.bank,
      .blocks = install->begin.blocks,
      .missing = first_missing(install),
      .erase_ms = install->erase_ms,
  };

  return fw_reply_finish(request, wire_begun_write(&begun, fw_reply_payload(reply)), reply);
}

static size_t handle_begin(FwInstall *install, const WireFrame *request, uint8_t *reply)
{
  const FwFlash *flash = install->flash;
  WireBegin begin;
  uint32_t detail = 0;

  if (!wire_begin_read(request, &begin))
    return fw_reply_nak(request, WIRE_CAUSE_BAD_LENGTH, request->length, reply);
  if (install->state != FW_INSTALL_IDLE && request->token == install->token &&
      is_same_begin(&begin, &install->begin))
    return reply_begun(install, request, reply);

  WireCause cause = judge_begin(install, &begin, &detail);

  if (cause != WIRE_CAUSE_NONE)
    return fw_reply_nak(request, cause, detail, reply);
  install->state = FW_INSTALL_IDLE;
  install->begin = begin;
  install->token = request->token;
  wire_fill(install->verified, 0, sizeof install->verified);
  wire_fill(install->repeats, 0, sizeof install->repeats);
  forget_target(install);

  uint32_t start_ms = flash->now_ms(flash->context);
  uint32_t status = 0;

  cause = erase_target(install, &status);
  if (cause != WIRE_CAUSE_NONE)
    return fw_reply_nak(request, cause, status, reply);
  install->erase_ms = (uint16_t)(flash->now_ms(flash->context) - start_ms);
  install->state = FW_INSTALL_RECEIVING;
  return reply_begun(install, request, reply);
}

/* A block of this sector failed: erase it, so that its blocks may be programmed once more. False
 * when that has been tried often enough or does not work. Block 0 is not in flash before the seal,
 * so it stays. */
static bool start_sector_again(FwInstall *install, uint32_t addr)
{
  const FwFlash *flash = install->flash;
  unsigned sector = addr / WIRE_SECTOR_SIZE;
  uint32_t first = (sector - target(install)->first_sector) * WIRE_BLOCKS_PER_SECTOR;

  if (++install->repeats[sector] >= FW_PROGRAM_ATTEMPTS)
    return false;
  for (uint32_t block = first; block < first + WIRE_BLOCKS_PER_SECTOR; block++)
    if (block != 0)
      set_verified(install, block, false);
  return flash->erase(flash->context, sector, sector) == 0;
}

static size_t give_up(FwInstall *install, const WireFrame *request, uint32_t block, uint8_t *reply)
{
  install->state = FW_INSTALL_IDLE;
  install->leaving = WIRE_LEAVING_FLASH;
  return fw_reply_nak(request, WIRE_CAUSE_PROGRAM_FAILED, block | install->flash_status << 16,
                      reply);
}

static size_t reply_data_status(const FwInstall *install, const WireFrame *request, uint16_t block,
                                uint8_t *reply)
{
  uint32_t addr = target(install)->addr + (uint32_t)block * WIRE_BLOCK_SIZE;
  WireDataStatus status = {
      .block = block,
      .verified = is_verified(install, block),
      .repeats = install->repeats[addr / WIRE_SECTOR_SIZE],
      .missing = first_missing(install),
  };

  for (unsigned i = 0; i < 32; i++) {
    uint32_t later = status.missing + 1u + i;

    if (later < install->begin.blocks && is_verified(install, later))
      status.following |= 1u << i;
  }
  return fw_reply_finish(request, wire_data_status_write(&status, fw_reply_payload(reply)), reply);
}

static size_t handle_data(FwInstall *install, const WireFrame *request, uint8_t *reply)
{
  WireData data;

  if (!wire_data_read(request, &data))
    return fw_reply_nak(request, WIRE_CAUSE_BAD_LENGTH, request->length, reply);
  if (install->state != FW_INSTALL_RECEIVING || request->token != install->token)
    return fw_reply_nak(request, WIRE_CAUSE_NOT_NOW, 0, reply);
  if (data.block >= install->begin.blocks)
    return fw_reply_nak(request, WIRE_CAUSE_OUT_OF_RANGE, install->begin.blocks, reply);
  if (is_verified(install, data.block))
    return reply_data_status(install, request, data.block, reply);
  if (data.block == 0) {
    wire_copy(install->seal, data.bytes, WIRE_BLOCK_SIZE);
    set_verified(install, 0, true);
    return reply_data_status(install, request, 0, reply);
  }

  uint32_t addr = target(install)->addr + (uint32_t)data.block * WIRE_BLOCK_SIZE;

  wire_copy(install->scratch, data.bytes, WIRE_BLOCK_SIZE);
  if (fw_flash_program(install->flash, addr, install->scratch, &install->flash_status))
    set_verified(install, data.block, true);
  else if (!start_sector_again(install, addr))
    return give_up(install, request, data.block, reply);
  return reply_data_status(install, request, data.block, reply);
}

/* Whether the header that came in block 0 is the one BEGIN announced, and the image behind it
 * whole. `crc` receives what was computed. */
static WireCause judge_image(const FwInstall *install, uint32_t *crc)
{
  const WireBegin *begin = &install->begin;
  const WireBankMap *map = target(install);
  WireImageHeader header;

  *crc = wire_image_crc(install->seal, WIRE_BLOCK_SIZE,
                        install->flash->memory + map->addr + WIRE_BLOCK_SIZE, begin->length);
  if (!wire_image_header_parse(install->seal, &header) ||
      !wire_image_header_fits(&header, (WireBank)begin->bank) || header.product != begin->product ||
      header.version != begin->version || header.length != begin->length ||
      header.crc != begin->crc ||
      wire_vector_sum(install->seal) != wire_get_u32(install->seal + WIRE_VECTOR_SUM_ADDR))
    return WIRE_CAUSE_BAD_IMAGE;
  return *crc == begin->crc ? WIRE_CAUSE_NONE : WIRE_CAUSE_IMAGE_CRC;
}

/* From here the new program is the one that runs, on trial. */
static void adopt_target(FwInstall *install)
{
  const WireBegin *begin = &install->begin;
  WireIdentity *identity = &install->identity;

  identity->banks[begin->bank - WIRE_BANK_LOW] = (WireBankIdentity){
      .state = WIRE_BANK_VALID,
      .version = begin->version,
      .length = begin->length,
      .crc = begin->crc,
  };
  identity->running_bank = begin->bank;
  identity->program_version = begin->version;
  identity->trial = WIRE_TRIAL_RUNNING;
  identity->trial_starts = 0;
  identity->trial_cause = WIRE_TRIAL_CAUSE_NONE;
  install->state = FW_INSTALL_COMMITTED;
}

static size_t reply_committed(const FwInstall *install, const WireFrame *request, uint8_t *reply)
{
  WireCommitted committed = {
      .bank = install->begin.bank,
      .sequence = install->record_sequence,
      .crc = install->begin.crc,
  };

  return fw_reply_finish(request, wire_committed_write(&committed, fw_reply_payload(reply)), reply);
}

/* Programs block 0, unless it stands already: a record that failed behind it makes COMMIT come
 * again. */
static bool seal(FwInstall *install)
{
  uint32_t addr = target(install)->addr;

  return fw_flash_holds(install->flash, addr, install->seal) ||
         fw_flash_program(install->flash, addr, install->seal, &install->flash_status);
}

static size_t handle_commit(FwInstall *install, const WireFrame *request, uint8_t *reply)
{
  const WireBegin *begin = &install->begin;
  WireCommit commit;
  uint32_t crc;

  if (!wire_commit_read(request, &commit))
    return fw_reply_nak(request, WIRE_CAUSE_BAD_LENGTH, request->length, reply);
  if (install->state == FW_INSTALL_IDLE || request->token != install->token ||
      commit.length != begin->length || commit.crc != begin->crc)
    return fw_reply_nak(request, WIRE_CAUSE_NOT_NOW, 0, reply);
  if (install->state == FW_INSTALL_COMMITTED)
    return reply_committed(install, request, reply);
  if (first_missing(install) < begin->blocks)
    return fw_reply_nak(request, WIRE_CAUSE_INCOMPLETE, first_missing(install), reply);

  WireCause cause = judge_image(install, &crc);

  if (cause != WIRE_CAUSE_NONE)
    return fw_reply_nak(request, cause, crc, reply);
  bool can_return = install->proven && fw_install_get_running(install) != WIRE_BANK_NONE;

  /* With no proven program to go back to, the record stands before the seal: without it a cut here
   * would start the new one as if it were settled, and nobody could get in if it hangs. */
  if (!can_return && !append_record(install, WIRE_RECORD_FIRST))
    return fw_reply_nak(request, WIRE_CAUSE_RECORD_FAILED, 0, reply);
  if (!seal(install)) {
    if (!start_sector_again(install, target(install)->addr))
      return give_up(install, request, 0, reply);
    set_verified(install, 0, false); /* asked again too: there may be no other block to ask for */
    return fw_reply_nak(request, WIRE_CAUSE_INCOMPLETE, first_missing(install), reply);
  }
  if (can_return && !append_record(install, WIRE_RECORD_TRIAL))
    return fw_reply_nak(request, WIRE_CAUSE_RECORD_FAILED, 0, reply);
  adopt_target(install);
  return reply_committed(install, request, reply);
}

static size_t handle_enter(const FwInstall *install, const WireFrame *request, uint8_t *reply)
{
  WireEnter enter;

  if (!wire_enter_read(request, &enter))
    return fw_reply_nak(request, WIRE_CAUSE_BAD_LENGTH, request->length, reply);
  if (enter.product != install->identity.product)
    return fw_reply_nak(request, WIRE_CAUSE_WRONG_PRODUCT, install->identity.product, reply);
  return fw_reply_finish(request, 0, reply);
}

static size_t handle_identify(FwInstall *install, const WireFrame *request, uint32_t now_ms,
                              uint8_t *reply)
{
  install->identity.uptime_ms = now_ms;
  return fw_reply_finish(request, wire_identity_write(&install->identity, fw_reply_payload(reply)),
                         reply);
}

static size_t handle_leave(FwInstall *install, const WireFrame *request, WireLeavingCause cause,
                           uint8_t *reply)
{
  install->leaving = (uint8_t)cause;
  return fw_reply_finish(request, 0, reply);
}

static bool is_upgrade_traffic(uint8_t type)
{
  return type == WIRE_ENTER_LOADER || type == WIRE_BEGIN || type == WIRE_DATA ||
         type == WIRE_COMMIT;
}

size_t fw_install_handle(FwInstall *install, const WireFrame *request, uint32_t now_ms,
                         uint8_t *reply)
{
  size_t length = 0;

  if (request->type & WIRE_REPLY)
    return 0; /* an echo of our own, on a line that loops back */
  install->rubbish = false;
  if (install->leaving != 0 && is_upgrade_traffic(request->type))
    return fw_reply_nak(request, WIRE_CAUSE_NOT_NOW, 0, reply);
  switch (request->type) {
  case WIRE_IDENTIFY:
    /* Asking who is there is no upgrade traffic: it does not hold the program up. */
    return handle_identify(install, request, now_ms, reply);
  case WIRE_ENTER_LOADER:
    length = handle_enter(install, request, reply);
    break;
  case WIRE_BEGIN:
    length = handle_begin(install, request, reply);
    break;
  case WIRE_DATA:
    length = handle_data(install, request, reply);
    break;
  case WIRE_COMMIT:
    length = handle_commit(install, request, reply);
    break;
  case WIRE_RUN:
    return handle_leave(install, request, WIRE_LEAVING_RUN, reply);
  case WIRE_ABORT:
    return handle_leave(install, request, WIRE_LEAVING_ABORT, reply);
  case WIRE_ECHO:
    wire_copy(fw_reply_payload(reply), request->payload, request->length);
    return fw_reply_finish(request, request->length, reply);
  case WIRE_CONFIRM:
  case WIRE_GO_BACK:
    /* The program's; a workstation that sends them here has missed that the loader runs. */
    length = fw_reply_nak(request, WIRE_CAUSE_NOT_NOW, 0, reply);
    break;
  default:
    length = fw_reply_nak(request, WIRE_CAUSE_UNKNOWN_TYPE, request->type, reply);
    break;
  }
  /* Refused frames are rubbish to the 10 s rule: only what helps the upgrade on counts. */
  install->rubbish = reply[WIRE_FRAME_TYPE_OFFSET] == WIRE_NAK;
  if (!install->rubbish)
    install->last_ms = install->flash->now_ms(install->flash->context);
  return length;
}

void fw_install_note_rubbish(FwInstall *install)
{
  install->rubbish = true;
}

WireLeavingCause fw_install_get_leaving(FwInstall *install, uint32_t now_ms)
{
  if (install->leaving == 0 && now_ms - install->last_ms >= FW_SILENCE_MS)
    install->leaving = install->rubbish ? WIRE_LEAVING_RUBBISH : WIRE_LEAVING_SILENCE;
  if (fw_install_get_running(install) == WIRE_BANK_NONE)
    install->leaving = 0; /* nowhere to go */
  return (WireLeavingCause)install->leaving;
}
