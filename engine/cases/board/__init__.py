"""The board of those who watch over others: open work by light, the diagram with its crowds, and what took how long."""
