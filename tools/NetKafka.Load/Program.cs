using NetKafka.Load.Commands;
using NetKafka.Load.Peers;

return await LoadProgram.RunAsync(args, [new NetKafkaPeer(), new ConfluentPeer(), new RdKafkaPeer()]);
