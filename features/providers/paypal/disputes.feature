@disputes @pci-6.2.4 @cwe-840 @cwe-841 @asvs-V2.3.1
Feature: A case at PayPal moves no money until it is decided

  While a case is open PayPal withholds its amount and moves none of it. A shop that books it at once is wrong for weeks;
  a shop that takes the decision for a refund, or the case for one, pays the same buyer twice.

  @high @defect-D01 @defect-D04 @simulator-only
  Scenario: A question that grows into a claim is disputed, and nothing has moved yet
    Given a shopper who paid 49.99 EUR
    When the bank asks about the payment
    And the bank turns its question into a chargeback
    Then the order is disputed
    And the shop counts 49.99 EUR as disputed
    And the books show 0.00 EUR of disputed payments
    And the books show 0.00 EUR of dispute fees
    And the books balance and agree with the provider

  @medium @defect-D04 @simulator-only
  Scenario: A claim that is lost costs the amount and PayPal's fee
    Given a shopper who paid 100.00 EUR
    When the bank disputes the payment as fraudulent
    And the bank decides the dispute for the cardholder
    Then the order is lost
    And the books show 15.00 EUR of dispute fees
    And the books balance and agree with the provider

  @medium @defect-D03 @simulator-only
  Scenario: A claim that is won costs nothing
    Given a shopper who paid 49.99 EUR
    When the bank disputes the payment as never received
    And the order is seen as disputed
    And the operator contests the dispute with winning evidence
    Then the order is paid
    And the books show 0.00 EUR of dispute fees
    And the books balance and agree with the provider

  @critical @defect-D02 @simulator-only
  Scenario: A buyer's own case is not refunded beside it
    Given a shopper who paid 49.99 EUR
    When the buyer opens a case with the provider as never received
    And the order is seen as disputed
    And the operator refunds 49.99 EUR
    Then the answer is a refusal, not an error of the server
    And the provider was never asked to refund
    And the order stays disputed

  @critical @defect-D03 @defect-M07 @simulator-only
  Scenario: Refunding the whole at PayPal's own desk closes the case, and the buyer is paid once
    Given a shopper who paid 49.99 EUR
    When the buyer opens a case with the provider as never received
    And the order is seen as disputed
    And 49.99 EUR are refunded at the provider's own desk
    Then the operator sees the dispute as lost
    And the provider counts 1 refund
    And the provider has 49.99 EUR refunded
    And the books balance and agree with the provider

  @medium @defect-D04 @defect-D01 @simulator-only
  Scenario: Who lost a case at PayPal may still go to the bank
    Given a shopper who paid 49.99 EUR
    When the buyer opens a case with the provider as never received
    And the bank decides the dispute for the shop
    And the order is seen as paid
    And the bank disputes the payment as fraudulent
    Then the order is disputed
    And the shop knows every dispute of the provider
    And the books balance and agree with the provider

  @high @defect-D01 @defect-M07 @simulator-only
  Scenario: A case that PayPal shows as a partial refund has refunded nothing
    Given the provider shows payments under dispute as partly refunded
    And a shopper who paid 49.99 EUR
    When the bank disputes the payment as fraudulent
    Then the order is disputed
    And the shop counts 0.00 EUR as refunded
    And the books balance and agree with the provider
    When the bank decides the dispute for the shop
    Then the order is paid
    And the books balance and agree with the provider
