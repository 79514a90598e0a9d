"""Traffic: DICOM operations that meet the history of faults, in windows beside a twin without."""
