// The command functions, by family; one .cc file each.
#pragma once

#include "commands/context.h"

namespace tidemark::commands {

// keys.cc, expiry.cc, scan.cc, object.cc
void CopyCommand(Context&);
void DbSizeCommand(Context&);
void DelCommand(Context&);
void DumpCommand(Context&);
void ExistsCommand(Context&);
void ExpireCommand(Context&);
void ExpireAtCommand(Context&);
void ExpireTimeCommand(Context&);
void FlushAllCommand(Context&);
void FlushDbCommand(Context&);
void KeysCommand(Context&);
void MoveCommand(Context&);
void ObjectEncodingCommand(Context&);
void ObjectFreqCommand(Context&);
void ObjectHelpCommand(Context&);
void ObjectIdleTimeCommand(Context&);
void ObjectRefCountCommand(Context&);
void PersistCommand(Context&);
void PExpireCommand(Context&);
void PExpireAtCommand(Context&);
void PExpireTimeCommand(Context&);
void PTtlCommand(Context&);
void RandomKeyCommand(Context&);
void RenameCommand(Context&);
void RestoreCommand(Context&);
void RenameNxCommand(Context&);
void ScanCommand(Context&);
void SwapDbCommand(Context&);
void TouchCommand(Context&);
void TtlCommand(Context&);
void TypeCommand(Context&);
void UnlinkCommand(Context&);

// connection.cc
void AuthCommand(Context&);
void EchoCommand(Context&);
void HelloCommand(Context&);
void PingCommand(Context&);
void QuitCommand(Context&);
void ResetCommand(Context&);
void SelectCommand(Context&);

// client.cc
void ClientGetNameCommand(Context&);
void ClientGetRedirCommand(Context&);
void ClientHelpCommand(Context&);
void ClientIdCommand(Context&);
void ClientInfoCommand(Context&);
void ClientKillCommand(Context&);
void ClientListCommand(Context&);
void ClientNoEvictCommand(Context&);
void ClientNoTouchCommand(Context&);
void ClientPauseCommand(Context&);
void ClientReplyCommand(Context&);
void ClientSetInfoCommand(Context&);
void ClientSetNameCommand(Context&);
void ClientUnblockCommand(Context&);
void ClientUnpauseCommand(Context&);

// command.cc
void CommandCommand(Context&);
void CommandCountCommand(Context&);
void CommandDocsCommand(Context&);
void CommandGetKeysCommand(Context&);
void CommandGetKeysAndFlagsCommand(Context&);
void CommandHelpCommand(Context&);
void CommandInfoCommand(Context&);
void CommandListCommand(Context&);

// snapshots.cc
void BgRewriteAofCommand(Context&);
void BgSaveCommand(Context&);
void LastSaveCommand(Context&);
void SaveCommand(Context&);

// server.cc, config.cc
void ConfigGetCommand(Context&);
void ConfigHelpCommand(Context&);
void ConfigResetStatCommand(Context&);
void ConfigRewriteCommand(Context&);
void ConfigSetCommand(Context&);
void InfoCommand(Context&);
void LolwutCommand(Context&);
void ShutdownCommand(Context&);
void TimeCommand(Context&);

// memory.cc
void MemoryDoctorCommand(Context&);
void MemoryHelpCommand(Context&);
void MemoryMallocStatsCommand(Context&);
void MemoryPurgeCommand(Context&);
void MemoryStatsCommand(Context&);
void MemoryUsageCommand(Context&);

// latency.cc
void LatencyDoctorCommand(Context&);
void LatencyGraphCommand(Context&);
void LatencyHelpCommand(Context&);
void LatencyHistogramCommand(Context&);
void LatencyHistoryCommand(Context&);
void LatencyLatestCommand(Context&);
void LatencyResetCommand(Context&);

// debug.cc: a container whose subcommands are not in the table, as in Redis
void DebugCommand(Context&);

// tier.cc
void TierCheckpointCommand(Context&);
void TierCompactCommand(Context&);
void TierHelpCommand(Context&);
void TierLoadCommand(Context&);
void TierSpillCommand(Context&);
void TierStatsCommand(Context&);
void TierWhereCommand(Context&);

}  // namespace tidemark::commands
