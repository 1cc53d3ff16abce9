"""What people give a trained network: pictures, arrays and tables, brought to what it takes."""
