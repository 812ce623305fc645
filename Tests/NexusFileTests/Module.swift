import NexusFile
