import RunControl
