"""What the faults hand over to the traffic, and rules of the traffic, held from outside."""
