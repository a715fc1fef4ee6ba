@disputes @pci-6.2.4 @cwe-840 @asvs-V2.3.1
Feature: A question from the bank is not yet a loss

  Banks ask before they take. While they only ask, no money has moved; who books a loss has wrong figures, and who
  ignores the question gets the chargeback.

  @high @defect-D01 @defect-D04 @simulator-only
  Scenario: A question takes no money
    Given a shopper who paid 49.99 EUR
    When the bank asks about the payment
    Then the operator sees the dispute as a question
    And the books show 0.00 EUR of disputed payments
    And the books show 0.00 EUR of dispute fees
    And the books balance and agree with the provider

  @medium @defect-D01 @simulator-only
  Scenario: A card whose bank asks at once
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a card that raises an inquiry
    Then the operator sees the dispute as a question
    And the order is fulfilled once

  @high @defect-D03 @simulator-only
  Scenario: A question that is dropped leaves everything as it was
    Given a shopper who paid 49.99 EUR
    When the bank asks about the payment
    And the bank drops its question
    Then the order is paid
    And the operator sees the dispute as closed without loss
    And the books show 0.00 EUR of disputed payments

  @high @defect-D01 @defect-D04 @simulator-only
  Scenario: A question that grows into a chargeback takes the money
    Given a shopper who paid 49.99 EUR
    When the bank asks about the payment
    And the bank turns its question into a chargeback
    Then the order is disputed
    And the books show 49.99 EUR of disputed payments
    And the books balance and agree with the provider

  @high @defect-D01 @simulator-only
  Scenario: An early warning of fraud reaches the staff
    Given a shopper who paid 49.99 EUR
    When the bank warns that the payment looks fraudulent
    Then the operator sees a warning of fraud
    And the order stays paid
    And the books show 0.00 EUR of disputed payments

  @medium @defect-D01
  Scenario: A card that only raises a warning is paid and fulfilled
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a card that raises an early fraud warning
    Then the order is paid
    And the operator sees a warning of fraud
