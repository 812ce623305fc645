import FileWriter
