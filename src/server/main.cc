// tidemark-server [conf-file | -] [--directive value ...]
#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <string>

#include "base/log.h"
#include "base/memory.h"
#include "base/version.h"
#include "server/command_line.h"
#include "server/config.h"
#include "server/server.h"

namespace {

using namespace tidemark;

// For the signal handlers, which can be given nothing.
server::Server* running_server = nullptr;

void OnStopSignal(int number) {
  // Who asks again does not want to wait.
  if (running_server == nullptr || (number == SIGINT && running_server->stop_requested())) _exit(1);
  running_server->RequestStop(number);
}

void InstallSignalHandlers() {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGHUP, SIG_IGN);
  // Writing beyond a limit of file sizes is an error like any other.
  std::signal(SIGXFSZ, SIG_IGN);
  struct sigaction action {};
  action.sa_handler = OnStopSignal;
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
}

int Fail(const std::string& report) {
  std::fprintf(stderr, "%s\n", report.c_str());
  return 1;
}

// Goes on as a process of its own, without a terminal.
void Daemonize() {
  if (fork() != 0) _exit(0);
  setsid();
  const int null = open("/dev/null", O_RDWR);
  if (null >= 0) {
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    dup2(null, STDERR_FILENO);
    if (null > STDERR_FILENO) close(null);
  }
}

}  // namespace

int main(int argc, char** argv) {
  MemoryAccount account;
  Result<server::StartupArguments> arguments = server::ParseCommandLine(argc, argv);
  if (!arguments) return Fail(arguments.error().message());
  if (arguments->action != server::StartupAction::kServe) {
    const bool version = arguments->action == server::StartupAction::kShowVersion;
    std::fputs((version ? server::VersionText() : server::HelpText()).c_str(), stdout);
    return 0;
  }
  server::ReadStandardInput(*arguments);
  server::ServerConfig config;
  for (const server::ConfigSource& source : arguments->sources) {
    if (const Status loaded = config.Load(source); !loaded.ok()) return Fail(loaded.message());
  }
  config.ApplyDerivedDefaults(SystemMemoryBytes());
  const server::ServerOptions& options = config.options().server;
  if (chdir(options.dir.c_str()) != 0) return Fail("Can't chdir to '" + options.dir + "'");
  if (options.daemonize) Daemonize();

  Logger log;
  if (const Status opened = log.Configure(options.log); !opened.ok()) return Fail(opened.message());
  log.Log(LogLevel::kNotice, "Tidemark is starting");
  log.Log(LogLevel::kNotice, "Tidemark version=" + std::string(Version()) + ", bits=64, just started");
  log.Log(LogLevel::kNotice, "PID: " + std::to_string(getpid()));
  for (const std::string& notice : config.notices()) log.Log(LogLevel::kNotice, notice);

  InstallSignalHandlers();
  server::Server server(config, account, log);
  running_server = &server;
  if (const Status started = server.Start(); !started.ok()) {
    log.Log(LogLevel::kWarning, started.message());
    return 1;
  }
  server.Run();
  // It is on its way out already.
  std::signal(SIGTERM, SIG_IGN);
  std::signal(SIGINT, SIG_IGN);
  running_server = nullptr;
  return 0;
}
